import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { EventLogResponse, WhyResponse } from '#contract/notifications.ts';
import { WidgetSessionResponse } from '#contract/widget.ts';
import type { ScriptedAnswer } from '../support/push/vapid.ts';
import { enableNotifications, goOnline, signIn } from './agent.ts';
import { PHONE, startWorld, type World } from './world.ts';

const KILLS = process.env.NIGHTLY ? 20 : 3;
const CALLERS = 4;
/** Longer than a process that died keeps a push to itself. */
const SETTLED_MS = 60_000;

/** What a push service does on a bad day: takes a push and says nothing, refuses, asks for patience. */
const FAULTS: ScriptedAnswer[] = [
	'takeAndHang',
	{ status: 500 },
	{ status: 503, headers: { 'retry-after': '1' } },
	{ status: 429, headers: { 'retry-after': '2' } }
];

let world: World;
beforeAll(async () => {
	world = await startWorld([/Failed to load resource/]);
});
afterAll(() => world?.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
	fetch(`${world.origin}${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Origin: world.origin, ...headers },
		body: JSON.stringify(body)
	});

/** A visitor of the demo website asks for a person, saying `text`. */
async function call(botId: string, text: string): Promise<string> {
	const opened = await post('/api/widget/session', { botId, hostOrigin: world.website });
	const { token } = WidgetSessionResponse.parse(await opened.json());
	const headers = { Authorization: `Bearer ${token}` };
	const conversationId = newId();
	await post('/api/widget/messages', { conversationId, id: newId(), body: text }, headers);
	const asked = await post('/api/widget/escalate', { conversationId, id: newId() }, headers);
	expect(asked.ok).toBe(true);
	return conversationId;
}

/** Every sentence about a conversation, as an owner reads them. */
async function whyOf(conversationId: string): Promise<string[]> {
	const { email, password } = world;
	const signedIn = await post('/api/auth/sign-in', { email, password });
	const Cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
	const get = async <T>(path: string) =>
		(await fetch(`${world.origin}${path}`, { headers: { Cookie } })).json() as T;
	const { teams } = await get<{ teams: { team: { id: string } }[] }>('/api/me');
	const team = teams[0]?.team.id ?? '';
	const query = new URLSearchParams({ team, conversation: conversationId });
	const { rows } = await get<WhyResponse>(`/api/notifications/why?${query}`);
	const log = await get<EventLogResponse>(`/api/notifications/log?team=${team}`);
	expect(log.rows.some((row) => row.conversationId === conversationId)).toBe(true);
	return rows.map(({ text }) => text);
}

const visible = (text: string) =>
	[...world.desktop.shown.values()].filter(({ body }) => body.includes(text));

test('every escalation ends in one visible notification or an explained failure, whatever dies meanwhile', async () => {
	const phone = await world.open('chromium', { context: PHONE });
	const page = await phone.newPage();
	await signIn(page, world);
	await enableNotifications(page);
	await goOnline(page);
	await page.close();
	const html = await (await fetch(world.website)).text();
	const botId = /data-bot="([0-9a-f-]{36})"/.exec(html)?.[1] ?? '';
	for (let round = 0; round < KILLS; round++) {
		const [registration] = [...world.services.google.registrations.values()];
		if (!registration) throw new Error('not registered');
		const seed = Math.random();
		const first = Math.floor(seed * FAULTS.length);
		registration.answers.push(...FAULTS.slice(first), ...FAULTS.slice(0, first));
		const texts = Array.from({ length: CALLERS }, (_, i) => `Fault ${round}-${i} of ${CALLERS}`);
		const ids = await Promise.all(texts.map((text) => call(botId, text)));
		await world.killServer();
		await world.startServer();
		for (const [i, text] of texts.entries()) {
			await expect
				.poll(
					async () => {
						if (visible(text).length > 0) return 'visible';
						const sentences = await whyOf(ids[i] ?? '');
						return sentences.some((s) => /may have arrived|too late|ended/.test(s))
							? 'explained'
							: 'nothing yet';
					},
					{ timeout: SETTLED_MS, interval: 1_000, message: `${text}, seed ${seed}` }
				)
				.not.toBe('nothing yet');
			expect(visible(text).length, `${text}, seed ${seed}`).toBeLessThanOrEqual(1);
		}
		registration.answers.length = 0;
	}
	const notices = world.desktop.history.filter(({ summary, body }) =>
		/updated in the background/i.test(summary + body)
	);
	expect(notices).toEqual([]);
});
