import {
	AvatarResponse,
	EmailConfirmed,
	type EndSessionsRequest,
	Profile,
	type Session,
	SessionsResponse
} from '#contract/profile.ts';
import { request } from '../sync/request.ts';
import { get, tell } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const mine = () => session.me?.user.id ?? null;
const own = new Loaded<Profile>(mine, () => get('/api/profile', Profile));
const sessions = new Loaded<Session[]>(mine, async () => {
	const answer = await get('/api/profile/sessions', SessionsResponse);
	return answer.sessions;
});

/** Takes over the server's profile, and has the rest of the app read the name anew. */
async function hear(profile: Profile): Promise<void> {
	own.set(profile);
	await session.refresh();
}
const put = async (path: string, body: unknown) =>
	hear(await request({ method: 'PUT', path, body, schema: Profile }));

/** The signed-in person's own account. All of it throws ApiFailure or Offline. */
export const profile = {
	own,
	sessions,
	rename: (names: { firstName: string; lastName: string }) => put('/api/profile', names),
	/** The address changes when the link in the mail to it is opened. */
	changeEmail: (input: { email: string; password: string }) => put('/api/profile/email', input),
	async cancelEmail(): Promise<void> {
		const path = '/api/profile/email';
		own.set(await request({ method: 'DELETE', path, schema: Profile }));
	},
	/** By the key behind the `#` of the mailed link; nobody has to be signed in. */
	async confirmEmail(token: string): Promise<string> {
		const path = '/api/profile/email/confirm';
		const body = { token };
		const { email } = await request({ method: 'POST', path, body, schema: EmailConfirmed });
		if (session.status === 'signed-in') await session.refresh();
		return email;
	},
	/** Ends every other session. */
	async changePassword(input: { current: string; password: string }): Promise<void> {
		await tell('PUT', '/api/profile/password', input);
		await sessions.load();
	},
	/** Null takes the picture away. */
	async setPicture(file: Blob | null): Promise<void> {
		const method = file ? 'PUT' : 'DELETE';
		const body = file ?? undefined;
		await request({ method, path: '/api/profile/avatar', body, schema: AvatarResponse });
		await Promise.all([own.load(), session.refresh()]);
	},
	/** Null: all but this one. */
	async endSessions(id: EndSessionsRequest['id']): Promise<void> {
		await tell('DELETE', '/api/profile/sessions', { id });
		await sessions.load();
	},
	async deleteAccount(input: { password: string; reason?: string }): Promise<void> {
		await tell('DELETE', '/api/profile', input);
		await session.forget();
	}
};
