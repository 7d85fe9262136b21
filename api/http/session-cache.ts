import type { AgentCtx } from '../domain/context.ts';

type AgentActor = AgentCtx['actor'];

/** A session that was found valid. Times are milliseconds since 1970. */
interface Known {
	actor: AgentActor;
	/** Believed without a question until then. */
	until: number;
	/** From then on the cookie is to be renewed with an answer, which only a look of its own does. */
	renewsAt: number;
	usedAt: number;
}

/** What requests know of sessions without a query, by the cookie's own value: that costs no digest either. */
export interface SessionCache {
	/** Undefined where the session has to be looked up. */
	find(id: string): AgentActor | undefined | Promise<AgentActor | undefined>;
	/** `since`: the value of `revocations` before the look-up; a session that may have ended meanwhile is not kept. */
	keep(id: string, session: { actor: AgentActor; renewsAt: number }, since: number): void;
	drop(digest: string): void;
	/** How many sessions have ended; see `keep`. */
	readonly revocations: number;
}

/** A revocation whose message was lost is noticed after so long. */
const BELIEVED_MS = 60_000;
/** Who sends nothing for so long is looked up at the next request; hidden pages beat once a minute. */
const IN_USE_MS = 120_000;
const MAX_KNOWN = 100_000;

/**
 * People who work send requests all the time. The first one whose minute is over asks about everybody whose
 * minute soon is: one question in half a minute, however many they are.
 * `stillValid`: which of these digests open something, in hex.
 */
export function createSessionCache(deps: {
	now(): number;
	stillValid(digests: Buffer[]): Promise<ReadonlySet<string>>;
}): SessionCache {
	const { now, stillValid } = deps;
	const byId = new Map<string, Known>();
	const ids = new Map<string, string>();
	let revocations = 0;
	let asking: Promise<void> | undefined;

	const hexOf = ({ actor }: Known) => actor.sessionDigest.toString('hex');
	const forget = (digest: string) => {
		byId.delete(ids.get(digest) ?? '');
		ids.delete(digest);
	};

	/** Forgets those who are not at work any more, and those whose sessions have ended. */
	async function ask(): Promise<void> {
		const [at, since] = [now(), revocations];
		const over = [...byId.values()].filter(({ until }) => until < at + BELIEVED_MS / 2);
		const isAsked = (known: Known) => known.usedAt > at - IN_USE_MS && known.renewsAt > at;
		const asked = over.filter(isAsked);
		for (const known of over) if (known.until <= at && !isAsked(known)) forget(hexOf(known));
		if (asked.length === 0) return;
		const valid = await stillValid(asked.map(({ actor }) => actor.sessionDigest));
		for (const known of asked) {
			if (!valid.has(hexOf(known))) forget(hexOf(known));
			else if (since === revocations) known.until = at + BELIEVED_MS;
		}
	}

	async function findAfterAsking(id: string): Promise<AgentActor | undefined> {
		asking ??= ask().finally(() => {
			asking = undefined;
		});
		await asking;
		const known = byId.get(id);
		return known && known.until > now() ? known.actor : undefined;
	}

	return {
		get revocations() {
			return revocations;
		},
		find(id) {
			const known = byId.get(id);
			if (!known) return undefined;
			const at = now();
			known.usedAt = at;
			return known.until > at ? known.actor : findAfterAsking(id);
		},
		keep(id, { actor, renewsAt }, since) {
			if (since !== revocations) return;
			const at = now();
			const known = { actor, until: at + BELIEVED_MS, renewsAt, usedAt: at };
			byId.set(id, known);
			ids.set(hexOf(known), id);
			const oldest = byId.size > MAX_KNOWN ? byId.values().next().value : undefined;
			if (oldest) forget(hexOf(oldest));
		},
		drop(digest) {
			revocations++;
			forget(digest);
		}
	};
}
