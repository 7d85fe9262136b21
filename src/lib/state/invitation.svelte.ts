import { Me } from '#contract/auth.ts';
import { ShownInvitation } from '#contract/members.ts';
import { request } from '../sync/request.ts';
import { tell } from './api.ts';
import { session } from './session.svelte.ts';

const path = '/api/invitations';

/** Takes over who is signed in now, in the team that was not there before. */
async function enter(me: Me): Promise<void> {
	const before = new Set(session.me?.teams.map(({ team }) => team.id));
	const joined = me.teams.find(({ team }) => !before.has(team.id));
	await session.adopt(me, joined?.team.id);
}

/** An invitation by the key of its link. All of it throws ApiFailure or Offline. */
export const invitation = {
	show: (token: string): Promise<ShownInvitation> =>
		request({ method: 'POST', path: `${path}/show`, body: { token }, schema: ShownInvitation }),
	/** For the person who is signed in. */
	accept: async (token: string): Promise<void> =>
		enter(await request({ method: 'POST', path: `${path}/accept`, body: { token }, schema: Me })),
	/** Makes an account for the address that was invited. */
	join: async (body: {
		token: string;
		firstName: string;
		lastName: string;
		password: string;
	}): Promise<void> =>
		enter(await request({ method: 'POST', path: `${path}/join`, body, schema: Me })),
	decline: (token: string): Promise<void> => tell('POST', `${path}/decline`, { token })
};
