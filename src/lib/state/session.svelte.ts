import type { AuthOptions, Me, SignUpRequest } from '#contract/auth.ts';
import type { Role, Team } from '#contract/entities.ts';

/** Thrown by `signOut` while replies or notes are unsent and nobody agreed to lose them. */
export class UnsentText extends Error {
	readonly count: number;
	constructor(count: number) {
		super(`${count} unsent ${count === 1 ? 'message' : 'messages'} would be lost.`);
		this.name = 'UnsentText';
		this.count = count;
	}
}

export interface Session {
	readonly status: 'loading' | 'signed-out' | 'signed-in';
	readonly me: Me | null;
	readonly team: Team | null;
	readonly role: Role | null;
	/** Once per page load: opens from the cache, then asks the server. */
	load(): Promise<void>;
	/** Throws ApiFailure or Offline. */
	signIn(email: string, password: string): Promise<void>;
	/** Throws ApiFailure or Offline. */
	signUp(input: SignUpRequest): Promise<void>;
	/** Throws UnsentText unless `discardUnsent`; Offline without the server, whose session it ends. */
	signOut(options: { discardUnsent: boolean }): Promise<void>;
	options(): Promise<AuthOptions>;
	switchTeam(id: string): Promise<void>;
}

export const session: Session = {
	status: 'loading',
	me: null,
	team: null,
	role: null,
	load: async () => {},
	signIn: async () => {},
	signUp: async () => {},
	signOut: async () => {},
	options: async () => ({ isSignUpOpen: false, isDemo: false }),
	switchTeam: async () => {}
};
