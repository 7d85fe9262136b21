import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { createSessionCache } from '../../api/http/session-cache.ts';

const SECOND = 1_000;
const NEVER = Number.POSITIVE_INFINITY;

/** A cache over sessions of which `ended` opens nothing any more. `hold`: questions wait for it. */
function aWorld() {
	const world = { now: 0, hold: Promise.resolve() };
	const ended = new Set<string>();
	const questions: string[][] = [];
	const cache = createSessionCache({
		now: () => world.now,
		async stillValid(digests) {
			const asked = digests.map((digest) => digest.toString('hex'));
			questions.push(asked);
			await world.hold;
			return new Set(asked.filter((digest) => !ended.has(digest)));
		}
	});
	/** Somebody whose session has just been looked up. */
	function aPerson(renewsAt = NEVER) {
		const id = newId();
		const sessionDigest = randomBytes(32);
		const actor = { kind: 'agent' as const, userId: newId(), sessionDigest };
		cache.keep(id, { actor, renewsAt }, cache.revocations);
		return { id, actor, digest: sessionDigest.toString('hex') };
	}
	return { world, cache, ended, questions, aPerson };
}

test('however many are at work, one question in half a minute is about all of them', async () => {
	const { world, cache, questions, aPerson } = aWorld();
	const people = [];
	for (let n = 0; n < 300; n++) {
		world.now += 0.2 * SECOND;
		people.push(aPerson());
	}
	const start = world.now;
	for (; world.now < start + 600 * SECOND; world.now += SECOND)
		for (const [n, { id, actor }] of people.entries()) {
			// Every sixth is hidden and beats once a minute.
			const everyS = n % 6 === 0 ? 60 : 22;
			if ((world.now / SECOND + n) % everyS < 1) expect(await cache.find(id)).toBe(actor);
		}
	expect(questions.length).toBeGreaterThan(5);
	expect(questions.length).toBeLessThanOrEqual(21);
});

test('who has ended is known no more within a minute, though nobody has said so', async () => {
	const { world, cache, ended, aPerson } = aWorld();
	const [gone, here] = [aPerson(), aPerson()];
	ended.add(gone.digest);
	world.now += 60 * SECOND;
	expect(await cache.find(here.id)).toBe(here.actor);
	expect(await cache.find(gone.id)).toBeUndefined();
});

test('a revocation counts at once', () => {
	const { cache, aPerson } = aWorld();
	const { id, digest } = aPerson();
	cache.drop(digest);
	expect(cache.find(id)).toBeUndefined();
});

test('what was found before a revocation is not kept after it', async () => {
	const { world, cache, aPerson } = aWorld();
	const [first, second] = [aPerson(), aPerson()];
	const since = cache.revocations;
	cache.drop(first.digest);
	cache.keep(first.id, { actor: first.actor, renewsAt: NEVER }, since);
	expect(cache.find(first.id)).toBeUndefined();
	let release = () => {};
	world.hold = new Promise((resolve) => {
		release = resolve;
	});
	world.now += 60 * SECOND;
	const found = cache.find(second.id);
	cache.drop(first.digest);
	release();
	expect(await found).toBeUndefined();
});

test('nobody asks about who has left; the next request is a look-up', async () => {
	const { world, cache, questions, aPerson } = aWorld();
	const [away, here] = [aPerson(), aPerson()];
	for (let n = 0; n < 10; n++) {
		world.now += 50 * SECOND;
		await cache.find(here.id);
	}
	expect(questions.at(-1)).toEqual([here.digest]);
	expect(cache.find(away.id)).toBeUndefined();
});

test('a session whose cookie is to be renewed is looked up', async () => {
	const { world, cache, aPerson } = aWorld();
	const { id, actor } = aPerson(90 * SECOND);
	world.now += 60 * SECOND;
	expect(await cache.find(id)).toBe(actor);
	world.now += 60 * SECOND;
	expect(await cache.find(id)).toBeUndefined();
});
