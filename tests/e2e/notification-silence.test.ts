import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEncryption, type Encryption } from '../../api/push/encryption.ts';
import { sql } from '../../api/store/sql.ts';
import { everyKind, type PushText } from '../support/push/every-kind.ts';
import { seeded } from '../support/random.ts';
import type { SomebodyHere } from './in-process.ts';
import { PATIENCE, type Ringing, startRinging } from './ringing.ts';

const PUSHES = 200;
/** Through the whole server; the others are handed to the browser as a push service would. */
const CALLERS = 10;

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	let encryption: Encryption;
	beforeAll(async () => {
		ringing = await startRinging(name, { allowed: [/404/] });
		encryption = createEncryption();
	});
	afterAll(async () => {
		encryption?.close();
		await ringing?.close();
	});

	/** Hands pushes to the agent's browser; resolves when each has been shown. */
	async function pusher(agent: SomebodyHere) {
		const { endpoint, keys } = await ringing.bellhop.app.db.person.one<{
			endpoint: string;
			keys: { p256dh: string; auth: string };
		}>(sql`
			select endpoint, jsonb_build_object('p256dh', p256dh, 'auth', auth) as keys
			from push_subscriptions where user_id = ${agent.userId}`);
		return async (text: PushText, what: string) => {
			const { desktop } = ringing;
			const body = text === null ? Buffer.alloc(0) : await encryption.encrypt(keys, text);
			const arrival = desktop.arrival(PATIENCE.timeout);
			ringing.service.inject(endpoint, body);
			await arrival.catch(() => expect.fail(`${what} was silent`));
		};
	}

	const complaints = () => {
		const { desktop, bellhop } = ringing;
		const notices = desktop.history.filter(({ summary, body }) =>
			/updated in the background/i.test(summary + body)
		);
		const refused = bellhop.services.mozilla.acks.filter(
			({ messageType, code }) => messageType === 'nack' || (code ?? 100) !== 100
		);
		return [...notices, ...refused];
	};

	/** A hundred pushes of every kind in a random order, each of which has to appear. */
	async function run(agent: SomebodyHere, seed: number) {
		const push = await pusher(agent);
		const random = seeded(seed);
		const kinds = Object.entries(everyKind(agent));
		for (let n = 0; n < PUSHES / 2; n++) {
			// Each kind in turn, then whichever.
			const [what, text] = kinds[n < kinds.length ? n : Math.floor(random() * kinds.length)] ?? [];
			if (what && text) await push(text(n), `${what} (seed ${seed}, push ${n})`);
		}
	}

	test('of 200 mixed pushes, with the app closed and in front, none is silent', async () => {
		const { agent, browser, page } = await ringing.agentWith();
		const seed = Math.floor(Math.random() * 2 ** 31);
		await page.bringToFront();
		await run(agent, seed);
		expect(complaints(), `seed ${seed}`).toEqual([]);
		await page.close();
		await run(agent, seed + 1);
		expect(complaints(), `seed ${seed}`).toEqual([]);
		await callers(agent, browser);
		expect(complaints()).toEqual([]);
		expect(ringing.bellhop.problems).toEqual([]);
	});

	/** The way that real ones take: each chat ends with one notification, which says the newest. */
	async function callers(agent: SomebodyHere, browser: BrowserContext) {
		for (let i = 0; i < CALLERS; i++) {
			const { say } = await ringing.call(agent, `Caller ${i} of ${name}`);
			for (let n = 0; n < 2; n++) await say(`More ${n} from ${i}. of ${name}`);
		}
		await expect
			.poll(
				async () =>
					(await ringing.linesOf(agent)).filter(
						({ state, rule }) => state === 'shown' || rule === 'a newer push was sent'
					).length,
				{ ...PATIENCE, timeout: 120_000 }
			)
			.toBe(CALLERS * 3);
		for (let i = 0; i < CALLERS; i++) {
			await ringing.stands(`More 1 from ${i}. of ${name}`);
			expect(ringing.desktop.mostAtOnce(`from ${i}. of ${name}`), `caller ${i}`).toBe(1);
		}
		await browser.close();
	}
});
