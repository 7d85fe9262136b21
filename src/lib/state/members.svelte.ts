import type { Role } from '#contract/entities.ts';
import {
	type CustomRole,
	Invitation,
	type MemberRow,
	MembersResponse,
	RolesResponse
} from '#contract/members.ts';
import { newId } from '#contract/new-id.ts';
import { request } from '../sync/request.ts';
import { get, tell } from './api.ts';
import { colleagues } from './colleagues.svelte.ts';
import { inbox } from './inbox.svelte.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

/** What a member may do: a role, a custom one with its id, and the bots; null is all of them. */
export interface Grant {
	role: Role;
	roleId: string | null;
	botIds: string[] | null;
}

const team = () => session.team?.id ?? null;
const list = new Loaded(team, (id) => get(`/api/members?team=${id}`, MembersResponse));
const roles = new Loaded<CustomRole[]>(team, async (id) => {
	const answer = await get(`/api/teams/roles?team=${id}`, RolesResponse);
	return answer.roles;
});

/** Has the server change something, then reads the list again. */
async function change(...[method, path, body]: Parameters<typeof tell>): Promise<void> {
	await tell(method, path, { teamId: team(), ...(body as object) });
	await list.load();
}
const mail = async (path: string, body: object) => {
	await request({
		method: 'POST',
		path,
		body: { teamId: team(), ...body },
		schema: Invitation
	});
	await list.load();
};

/** The active team's people, for those who manage them. All of it throws ApiFailure or Offline. */
export const members = {
	list,
	roles,
	/** The list's members as the sync, and `colleagues` where it is followed, know them this moment. */
	get rows(): MemberRow[] {
		const live = new Map(inbox.members.map((member) => [member.userId, member]));
		return (list.value?.members ?? []).map((row) => {
			const { name, avatar, presence } = live.get(row.userId) ?? row;
			const reach = colleagues.reachOf(row.userId)?.reach ?? row.reach;
			const isReachable = reach === undefined ? row.isReachable : reach === 'reachable';
			return { ...row, name, avatar, presence, reach, isReachable };
		});
	},
	invite: (email: string, grant: Grant) =>
		mail('/api/invitations', { id: newId(), email, ...grant }),
	resend: (id: string) => mail('/api/invitations/resend', { id }),
	cancel: (id: string) => change('DELETE', '/api/invitations', { id }),
	change: (userId: string, grant: Grant) => change('PUT', '/api/members', { userId, ...grant }),
	remove: (userId: string) => change('DELETE', '/api/members', { userId }),
	/** The one who asks stays as an admin. */
	async transferOwnership(userId: string): Promise<void> {
		await change('POST', '/api/members/owner', { userId });
		await session.refresh();
	}
};
