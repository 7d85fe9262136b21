import type { Presence } from '#contract/entities.ts';
import type { Enqueue } from '../jobs/enqueue.ts';
import type { Db, TeamTx } from '../store/db.ts';

/** Who asks. A visitor is bound to one team and bot by the token; an agent's teams are looked up. */
export type Actor =
	| { kind: 'agent'; userId: string; sessionDigest: Buffer }
	| { kind: 'visitor'; teamId: string; visitorId: string; botId: string }
	| { kind: 'system' }
	| { kind: 'nobody' };

export interface Log {
	info(fields: Record<string, unknown>, message: string): void;
	warn(fields: Record<string, unknown>, message: string): void;
	error(fields: Record<string, unknown>, message: string): void;
}

/** A member's presence, evaluated at the moment of reading, and for how long the answer can hold. */
export interface PresenceAnswer extends Presence {
	validForMs: number;
}

/** Implemented by api/presence over its leases in memory. */
export interface PresenceReader {
	/** Everybody's presence in the transaction's team, by user id. Members without an intent are offline. */
	ofTeam(tx: TeamTx): Promise<Map<string, PresenceAnswer>>;
}

/** What every domain verb gets: `verb(ctx, input)`. Clock and ids are arguments, so tests can choose them. */
export interface Ctx<A extends Actor = Actor> {
	db: Db;
	actor: A;
	/** Milliseconds since 1970. */
	now(): number;
	newId(): string;
	log: Log;
	enqueue: Enqueue;
	presence: PresenceReader;
	/** Where the request came from, for the audit log; absent for what the server does by itself. */
	address?: string;
}

export type AgentCtx = Ctx<Extract<Actor, { kind: 'agent' }>>;
export type VisitorCtx = Ctx<Extract<Actor, { kind: 'visitor' }>>;

/** For verbs that join a transaction, so that an effect is recorded together with what asked for it. */
export type InTeam<C extends Ctx = Ctx> = C & { tx: TeamTx };

/** Somebody who acts without a session: by a link from a mail, while their account is made, or in the demo's chats. */
export const agentWithoutSession = (userId: string): AgentCtx['actor'] => ({
	kind: 'agent',
	userId,
	sessionDigest: Buffer.alloc(0)
});
