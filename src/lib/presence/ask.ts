import { CoverageResponse, type TakeOverRequest, TakeOverResponse } from '#contract/coverage.ts';
import { Done } from '#contract/notifications.ts';
import {
	AutoReturnResponse,
	DayResponse,
	IntentResponse,
	ReachResponse,
	TeamDayResponse
} from '#contract/presence.ts';
import { request } from '../sync/request.ts';

// What the pages about presence ask the server. All throw ApiFailure or Offline.

/** A colleague's day needs `log.view`; without `of` it is one's own. */
export function askDay(input: {
	team: string;
	from: number;
	to: number;
	of?: string | undefined;
}): Promise<DayResponse> {
	const { team, from, to, of } = input;
	const query = new URLSearchParams({
		team,
		from: String(from),
		to: String(to),
		...(of && { of })
	});
	return request({ method: 'GET', path: `/api/presence/day?${query}`, schema: DayResponse });
}

/** Every agent's day; needs `log.view`. */
export function askTeamDay(team: string, from: number, to: number): Promise<TeamDayResponse> {
	const query = new URLSearchParams({ team, from: String(from), to: String(to) });
	const path = `/api/presence/team-day?${query}`;
	return request({ method: 'GET', path, schema: TeamDayResponse });
}

export const askCoverage = (team: string): Promise<CoverageResponse> =>
	request({ method: 'GET', path: `/api/presence/coverage?team=${team}`, schema: CoverageResponse });

/** A colleague is asked to take over; resolves with how many chats were given along. */
export const askToTakeOver = (body: TakeOverRequest): Promise<TakeOverResponse> =>
	request({ method: 'POST', path: '/api/presence/take-over', body, schema: TakeOverResponse });

/** *Not now*: the colleague who asked asks in vain. */
export async function declineTakeOver(teamId: string): Promise<void> {
	const path = '/api/presence/take-over';
	await request({ method: 'DELETE', path, body: { teamId }, schema: Done });
}

export const askReach = (team: string): Promise<ReachResponse> =>
	request({ method: 'GET', path: `/api/presence/reach?team=${team}`, schema: ReachResponse });

/** Resolves with what holds from then on. */
export async function saveAutoReturn(isAutoReturn: boolean): Promise<boolean> {
	const path = '/api/presence/auto-return';
	const body = { isAutoReturn };
	return (await request({ method: 'PUT', path, body, schema: AutoReturnResponse })).isAutoReturn;
}

/** For admins: somebody else goes offline, and reads the reason. */
export async function setMemberOffline(input: {
	teamId: string;
	userId: string;
	reason: string;
}): Promise<void> {
	const { reason, ...who } = input;
	const body = reason ? input : who;
	await request({ method: 'PUT', path: '/api/presence/offline', body, schema: IntentResponse });
}
