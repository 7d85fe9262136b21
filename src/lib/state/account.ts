import { AuthOptions, Me, type SignOutRequest, type SignUpRequest } from '#contract/auth.ts';
import { thisBrowser } from '../push/browser.ts';
import { request } from '../sync/request.ts';
import { get, tell } from './api.ts';

const enter = (path: string, body: unknown): Promise<Me> =>
	request({ method: 'POST', path, body, schema: Me });

/** What the session asks of the server and the browser. The requests throw ApiFailure or Offline. */
export const account = {
	/** What an older version of the app has kept, if this one still understands it. */
	understand: (kept: unknown): Me | undefined => Me.safeParse(kept).data,
	me: (): Promise<Me> => get('/api/me', Me),
	options: (): Promise<AuthOptions> => get('/api/auth/options', AuthOptions),
	signIn: (email: string, password: string) => enter('/api/auth/sign-in', { email, password }),
	signUp: (input: SignUpRequest) => enter('/api/auth/sign-up', input),
	signOut: (body: SignOutRequest) => tell('POST', '/api/auth/sign-out', body),
	unsubscribe: (): Promise<void> => thisBrowser.unsubscribe()
};
