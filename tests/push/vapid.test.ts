import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openVapid } from '../../api/push/vapid.ts';
import { type Db, openDb } from '../../api/store/db.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Claims, checkVapid } from '../support/push/vapid.ts';

const GOOGLE = 'https://fcm.googleapis.com';
const APPLE = 'https://web.push.apple.com';
const SUBJECT = 'mailto:operator@example.com';
const HOUR = 3_600_000;

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
	database = await testDatabase();
	db = openDb(database.url);
});
afterAll(async () => {
	await db?.close();
	await database?.drop();
});

/** This server's identity, and a clock to turn. */
async function world() {
	const clock = { now: Date.now() };
	const secretKey = 'only for tests';
	const vapid = await openVapid({ db, secretKey, subject: SUBJECT, now: () => clock.now });
	/** What a push service reads in the header. */
	const claims = (header: string, origin: string) =>
		checkVapid(header, origin, vapid.publicKey) as Claims;
	return { clock, vapid, claims };
}

describe('the Authorization header', () => {
	test('is what the push service expects, and runs out within a day', async () => {
		const { clock, vapid, claims } = await world();
		for (const origin of [GOOGLE, APPLE]) {
			const { aud, sub, exp } = claims(vapid.authorization(origin), origin);
			expect({ aud, sub }).toEqual({ aud: origin, sub: SUBJECT });
			// Apple wants one that holds for an hour at least.
			expect(exp * 1000 - clock.now).toBeGreaterThan(HOUR);
			expect(exp * 1000 - clock.now).toBeLessThanOrEqual(24 * HOUR);
		}
	});

	test('is the same for one push service for four hours, and another for each', async () => {
		const { clock, vapid } = await world();
		const google = vapid.authorization(GOOGLE);
		const apple = vapid.authorization(APPLE);
		expect(apple).not.toBe(google);
		clock.now += 4 * HOUR - 1;
		expect(vapid.authorization(GOOGLE)).toBe(google);
		expect(vapid.authorization(APPLE)).toBe(apple);
		clock.now += 1;
		expect(vapid.authorization(GOOGLE)).not.toBe(google);
	});

	test('of a push service that refused it is signed anew, and no other’s', async () => {
		const { vapid } = await world();
		const google = vapid.authorization(GOOGLE);
		const apple = vapid.authorization(APPLE);
		vapid.forget(GOOGLE);
		expect(vapid.authorization(GOOGLE)).not.toBe(google);
		expect(vapid.authorization(APPLE)).toBe(apple);
	});
});

test('the key is made once, whoever opens it', async () => {
	const [first, second] = await Promise.all([world(), world()]);
	expect(second.vapid.publicKey).toBe(first.vapid.publicKey);
	expect(second.vapid.keyId).toBe(first.vapid.keyId);
	const header = second.vapid.authorization(GOOGLE);
	expect(first.claims(header, GOOGLE)).toMatchObject({ aud: GOOGLE });
});
