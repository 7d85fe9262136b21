import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { TeamNotificationSettings, type WhyResponse } from '#contract/notifications.ts';
import { WidgetSessionResponse } from '#contract/widget.ts';
import { createPushTokens } from '../../api/push/secrets.ts';
import type { ScriptedAnswer } from '../support/push/vapid.ts';
import { seeded } from '../support/random.ts';
import { enableNotifications, signIn } from './agent.ts';
import { PHONE, startWorld, type World } from './world.ts';

const KILLS = process.env.NIGHTLY ? 20 : 3;
const CALLERS = 6;
/**
 * A process that died keeps a push to itself for 25 s, a service has 10 s to answer, and what nobody showed is said a
 * minute later; the rest is a slow machine's.
 */
const ROUND_MS = 180_000;
/** Repeats a run: SEED=123. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECRET_KEY = 'only for this test, and long enough for it';

/** What a push service does with a chat's pushes, and what the agent may read in the end where nothing is shown. */
interface Fault {
	answers: ScriptedAnswer[];
	/** The last things that are said about the push; null: it has to be shown. */
	explained: readonly string[] | null;
}

/**
 * What has no answer is sent once more, and a push on its way out of a server that dies has none:
 * where that was the first, the hang is the second, and another could ring twice.
 */
const LOST_THEN_HUNG = [
	'the push was sent.',
	'the push was sent again (attempt 2).',
	'the push service: no answer: no answer in time.'
];

const FAULTS: (() => Fault)[] = [
	() => ({ answers: [], explained: null }),
	() => ({ answers: ['takeAndHang'], explained: null }),
	() => ({ answers: ['hang'], explained: LOST_THEN_HUNG }),
	() => ({ answers: [{ status: 500 }], explained: null }),
	() => ({ answers: [{ status: 503, headers: { 'retry-after': '1' } }], explained: null }),
	() => ({ answers: [{ status: 429, headers: { 'retry-after': '2' } }], explained: null }),
	() => ({ answers: ['twice'], explained: null }),
	() => ({ answers: ['late'], explained: null }),
	() => ({ answers: ['lose'], explained: ['the device has not said that it showed it.'] }),
	() => ({
		answers: Array(9).fill({ status: 400, body: 'it is not the day' }),
		explained: ['the push service: 400 it is not the day.']
	})
];

interface Chat {
	text: string;
	conversationId: string;
	fault: Fault;
}

let world: World;
const topics = createPushTokens(SECRET_KEY);
beforeAll(async () => {
	world = await startWorld([/Failed to load resource/], { SECRET_KEY });
});
afterAll(() => world?.close());

/** Null where the server is away, or has had enough for a moment. */
async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
	const answer = await fetch(`${world.origin}${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Origin: world.origin, ...headers },
		body: JSON.stringify(body)
	}).catch(() => null);
	if (!answer || answer.status === 429 || answer.status >= 500) return null;
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
	return answer;
}

/** As the widget does it: the same again until it is answered, also by the next process. */
async function untilAnswered(...given: Parameters<typeof post>): Promise<Response> {
	let answer: Response | null = null;
	await expect
		.poll(
			async () => {
				answer = await post(...given);
				return answer !== null;
			},
			{ timeout: ROUND_MS, interval: 300 }
		)
		.toBe(true);
	return answer as unknown as Response;
}

/** A visitor of the demo website writes, then asks for a person. */
async function call(botId: string, { text, conversationId }: Chat): Promise<void> {
	const opened = await untilAnswered('/api/widget/session', { botId, hostOrigin: world.website });
	const { token } = WidgetSessionResponse.parse(await opened.json());
	const headers = { Authorization: `Bearer ${token}` };
	const [message, escalation] = [newId(), newId()];
	const said = { conversationId, id: message, body: text };
	await untilAnswered('/api/widget/messages', said, headers);
	await untilAnswered('/api/widget/escalate', { conversationId, id: escalation }, headers);
}

/** Acts as the demo team's owner. The ladder is off: what it rings later would stand in for a push that was lost. */
async function readerWithoutLadder() {
	const { email, password } = world;
	const signedIn = await untilAnswered('/api/auth/sign-in', { email, password });
	const Cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
	const get = async <T>(path: string): Promise<T> =>
		(await (await fetch(`${world.origin}${path}`, { headers: { Cookie } })).json()) as T;
	const { teams } = await get<{ teams: { team: { id: string } }[] }>('/api/me');
	const team = teams[0]?.team.id ?? '';
	const settings = await get<object>(`/api/notifications/team?team=${team}`);
	const {
		webhookSecret: _,
		isMailServerSet: __,
		...rest
	} = TeamNotificationSettings.parse(settings);
	const saved = await fetch(`${world.origin}/api/notifications/team`, {
		method: 'PUT',
		headers: { 'Content-Type': 'application/json', Origin: world.origin, Cookie },
		body: JSON.stringify({ ...rest, teamId: team, isLadderOn: false })
	});
	expect(saved.status).toBe(200);
	/** About the escalation's own push: another event of the chat would be one that stands in for it. */
	return async (conversation: string): Promise<string[]> => {
		const query = new URLSearchParams({ team, conversation });
		const { rows } = await get<WhyResponse>(`/api/notifications/why?${query}`);
		const events = rows.filter(({ kind }) => kind === 'event' || kind === 'ladder');
		if (events.length > 1) return events.map(({ text }) => text);
		return rows.filter(({ deviceId }) => deviceId).map(({ text }) => text.replace(/^[^:]+: /, ''));
	};
}

const standing = (text: string) =>
	[...world.desktop.shown.values()].filter(({ body }) => body.includes(text));

/** How a chat stands: shown by its own push, explained in exactly the words of its fault, or in between. */
async function endOf(chat: Chat, why: (id: string) => Promise<string[]>): Promise<string> {
	const sentences = await why(chat.conversationId).catch(() => []);
	const said = sentences.join(' ');
	const { explained } = chat.fault;
	const count = standing(chat.text).length;
	if (sentences.some((sentence) => sentence.startsWith('shown')))
		return count === 1 ? 'visible' : `shown, and there ${count} times`;
	if (count > 0) return `there, and not said to be shown: ${said}`;
	const isExplained =
		explained !== null && isDeepStrictEqual(sentences.slice(-explained.length), explained);
	return isExplained ? 'explained' : said;
}

test(
	'every escalation ends in one visible notification or its own explanation, whatever the service does and whenever the server dies',
	async () => {
		const random = seeded(SEED);
		const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
		const phone = await world.open('chromium', { context: PHONE });
		const page = await phone.newPage();
		await signIn(page, world);
		await enableNotifications(page);
		await page.close();
		const html = await (await fetch(world.website)).text();
		const botId = /data-bot="([0-9a-f-]{36})"/.exec(html)?.[1] ?? '';
		const why = await readerWithoutLadder();
		const all: Chat[] = [];
		for (let round = 0; round < KILLS; round++) {
			const chats = Array.from({ length: CALLERS }, (_, i) => ({
				text: `Chat ${round}-${i} of this run`,
				conversationId: newId(),
				fault: pick(FAULTS)()
			}));
			all.push(...chats);
			const byTopic = new Map(
				chats.map((chat) => [topics.topicOf(chat.conversationId), [...chat.fault.answers]])
			);
			// Dead while this push of the round is on its way: taken or not, its answer reaches nobody.
			let left = 1 + Math.floor(random() * CALLERS);
			const killed = new Promise<void>((resolve) => {
				const answerTo = ({ topic }: { topic: string | undefined }) => {
					const answers = byTopic.get(topic ?? '');
					if (answers && --left === 0) resolve(world.killServer());
					return answers?.shift();
				};
				for (const one of world.services.google.registrations.values()) one.answerTo = answerTo;
			});
			const calls = Promise.all(chats.map((chat) => call(botId, chat)));
			await Promise.race([killed, calls.then(() => killed)]);
			await world.startServer();
			await calls;
			for (const chat of chats)
				await expect
					.poll(() => endOf(chat, why), {
						timeout: ROUND_MS,
						interval: 500,
						message: `${chat.text}, ${JSON.stringify(chat.fault.answers)}, SEED=${SEED}`
					})
					.toMatch(/^(visible|explained)$/);
		}
		for (const { text } of all)
			expect(world.desktop.mostAtOnce(text), `${text}, SEED=${SEED}`).toBeLessThanOrEqual(1);
		const notices = world.desktop.history.filter(({ summary, body }) =>
			/updated in the background/i.test(summary + body)
		);
		expect(notices, `SEED=${SEED}`).toEqual([]);
		expect(world.services.proxy.refused).toEqual([]);
	},
	KILLS * ROUND_MS * 2
);
