import { expect, test, vi } from 'vitest';
import { hashPassword, verifyPassword } from '../../api/domain/account/password.ts';

const argon2 = vi.hoisted(() => ({ running: 0, most: 0 }));
vi.mock('node:crypto', async (original) => {
	const crypto = await original<typeof import('node:crypto')>();
	const watched: typeof crypto.argon2 = (algorithm, parameters, done) => {
		argon2.most = Math.max(argon2.most, ++argon2.running);
		crypto.argon2(algorithm, parameters, (error, tag) => {
			argon2.running--;
			done(error, tag);
		});
	};
	return { ...crypto, argon2: watched };
});

test('a password opens its own hash only, each hash is another', async () => {
	const [one, two] = [await hashPassword('seven umbrellas'), await hashPassword('seven umbrellas')];
	expect(one).not.toBe(two);
	expect(await verifyPassword(one, 'seven umbrellas')).toBe(true);
	expect(await verifyPassword(one, 'seven umbrella')).toBe(false);
});

test('the same characters open it however the keyboard composed them', async () => {
	const hash = await hashPassword('f\u00fcnf regenschirme');
	expect(await verifyPassword(hash, 'fu\u0308nf regenschirme')).toBe(true);
});

test('nobody’s hash opens for nothing, not even for the tag it holds', async () => {
	expect(await verifyPassword(undefined, '')).toBe(false);
});

test('a hash of another kind is an error, not a wrong password', async () => {
	await expect(verifyPassword('$2b$10$abc', 'x')).rejects.toThrow('another kind');
});

test('at most two run at once, and a flood is turned away with a time to come back', async () => {
	argon2.most = 0;
	const outcomes = await Promise.allSettled(
		Array.from({ length: 68 }, () => hashPassword('seven umbrellas'))
	);
	expect(argon2.most).toBe(2);
	const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
	expect(refused).toHaveLength(2);
	expect(refused[0]?.reason).toMatchObject({
		kind: 'unavailable',
		detail: { retryAfterMs: expect.any(Number) }
	});
	expect(await hashPassword('after the flood')).toContain('$argon2id$');
});
