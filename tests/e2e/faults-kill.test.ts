import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { WhyResponse } from '#contract/notifications.ts';
import { WidgetSessionResponse } from '#contract/widget.ts';
import { createPushTokens } from '../../api/push/secrets.ts';
import type { ScriptedAnswer } from '../support/push/vapid.ts';
import { seeded } from '../support/random.ts';
import { enableNotifications, signIn } from './agent.ts';
import { PHONE, startWorld, type World } from './world.ts';

const KILLS = process.env.NIGHTLY ? 20 : 3;
const CALLERS = 6;
/** A process that died keeps a push to itself for 25 s, and a service has 10 s to answer; the rest is a slow machine's. */
const ROUND_MS = 150_000;
/** Repeats a run: SEED=123. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECRET_KEY = 'only for this test, and long enough for it';

/** What a push service does with a chat's pushes, and what the agent may read in the end where nothing is shown. */
interface Fault {
	answers: ScriptedAnswer[];
	/** The last thing that is said about the push; null: it has to be shown. */
	explained: string | null;
}

const FAULTS: (() => Fault)[] = [
	() => ({ answers: [], explained: null }),
	() => ({ answers: ['takeAndHang'], explained: null }),
	() => ({ answers: ['hang'], explained: null }),
	() => ({ answers: [{ status: 500 }], explained: null }),
	() => ({ answers: [{ status: 503, headers: { 'retry-after': '1' } }], explained: null }),
	() => ({ answers: [{ status: 429, headers: { 'retry-after': '2' } }], explained: null }),
	() => ({ answers: ['twice'], explained: null }),
	() => ({ answers: ['late'], explained: null }),
	() => ({ answers: ['lose'], explained: 'the push service: accepted (201).' }),
	() => ({
		answers: Array(9).fill({ status: 400, body: 'it is not the day' }),
		explained: 'the push service: 400 it is not the day.'
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

/** Reads as the demo team's owner. */
async function reader() {
	const { email, password } = world;
	const signedIn = await untilAnswered('/api/auth/sign-in', { email, password });
	const Cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
	const get = async <T>(path: string): Promise<T> =>
		(await (await fetch(`${world.origin}${path}`, { headers: { Cookie } })).json()) as T;
	const { teams } = await get<{ teams: { team: { id: string } }[] }>('/api/me');
	const team = teams[0]?.team.id ?? '';
	/** About the escalation alone, without what the ladder did later. */
	return async (conversation: string): Promise<string[]> => {
		const query = new URLSearchParams({ team, conversation });
		const { rows } = await get<WhyResponse>(`/api/notifications/why?${query}`);
		const { eventId } = rows.find(({ kind }) => kind === 'event') ?? {};
		return rows
			.filter((row) => row.eventId === eventId && row.deviceId)
			.map(({ text }) => text.replace(/^[^:]+: /, ''));
	};
}

const standing = (text: string) =>
	[...world.desktop.shown.values()].filter(({ body }) => body.includes(text));

/** How a chat stands: shown, explained in exactly the words of its fault, or in between. */
async function endOf(chat: Chat, why: (id: string) => Promise<string[]>): Promise<string> {
	if (standing(chat.text).length > 0) return 'visible';
	const sentences = await why(chat.conversationId).catch(() => []);
	const { explained } = chat.fault;
	if (sentences.some((sentence) => sentence.startsWith('shown'))) return 'shown, yet not there';
	return explained !== null && sentences.at(-1) === explained ? 'explained' : sentences.join(' ');
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
		const why = await reader();
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
						message: `${chat.text}, ${JSON.stringify(chat.fault)}, SEED=${SEED}`
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
