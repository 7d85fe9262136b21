import { isIPv6 } from 'node:net';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Actor } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';
import { clientAddress } from './client-address.ts';
import type { HttpDeps } from './deps.ts';

/** A token bucket: `burst` at once, then one each `everyMs`. Buckets of one `name` are shared. */
export interface Rule {
	name: string;
	burst: number;
	everyMs: number;
}

export interface RateLimits {
	/** Takes one token of `key`'s bucket, or throws `rate_limited` with the wait until the next. */
	take(rule: Rule, key: string): void;
	/** What a request's address is counted under. */
	addressOf(c: Context): string;
}

// Past this many of one name the oldest are dropped: a flood of addresses must not fill the memory.
const MAX_BUCKETS = 100_000;

/** A household or a machine has a /64 of IPv6 to itself; counting single addresses would limit nobody. */
const network = (address: string) =>
	isIPv6(address) ? `${expand(address).slice(0, 4).join(':')}::/64` : address;

/** The groups of an IPv6 address, `::` filled in. */
function expand(address: string): string[] {
	const [head = '', tail] = address.split('::');
	const left = head ? head.split(':') : [];
	if (tail === undefined) return left;
	const right = tail ? tail.split(':') : [];
	return [
		...left,
		...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'),
		...right
	];
}

/** Buckets in memory: each process counts for itself. */
export function createRateLimits(options: {
	now(): number;
	trustedProxies: readonly string[];
}): RateLimits {
	const { now } = options;
	const address = clientAddress(options.trustedProxies);
	// By name, per bucket the moment at which it is full again (GCRA): one number, and idle ones can go.
	const buckets = new Map<string, Map<string, number>>();
	return {
		take({ name, burst, everyMs }, key) {
			const fullAt = buckets.get(name) ?? new Map<string, number>();
			buckets.set(name, fullAt);
			const next = Math.max(fullAt.get(key) ?? 0, now()) + everyMs;
			const waitMs = next - now() - burst * everyMs;
			if (waitMs > 0)
				throw new DomainError('rate_limited', 'That was too often in a short time.', {
					remedy: `Wait ${Math.ceil(waitMs / 1000)} s, then try again.`,
					retryAfterMs: waitMs
				});
			fullAt.delete(key);
			fullAt.set(key, next);
			const oldest = fullAt.size > MAX_BUCKETS ? fullAt.keys().next().value : undefined;
			if (oldest !== undefined) fullAt.delete(oldest);
		},
		addressOf: (c) => network(address(c))
	};
}

const personOf = (actor: Actor | undefined) =>
	actor?.kind === 'agent' ? actor.userId : actor?.kind === 'visitor' ? actor.visitorId : undefined;

/** Answers 429 with Retry-After past the rule, counted per person behind `signedIn`, else per address. */
export const limited = (deps: Pick<HttpDeps, 'rateLimits'>, rule: Rule) =>
	createMiddleware<{ Variables: { actor?: Actor } }>((c, next) => {
		deps.rateLimits.take(rule, personOf(c.get('actor')) ?? deps.rateLimits.addressOf(c));
		return next();
	});
