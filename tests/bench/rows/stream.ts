import { newId } from '#contract/ids.ts';
import { SyncPage } from '#contract/sync.ts';
import { eventsOf } from '../../support/chat.ts';
import { atMost, percentile, type Row } from '../row.ts';
import { type BenchServer, headersOf, startBench } from '../servers.ts';

const AGENTS = 100;
const MESSAGES = 100;
const GOAL_MS = { p50: 250, p99: 1000 };

/** Reads an agent's stream; calls `arrived` for every message, until it is hung up. */
async function listen(
	app: BenchServer,
	n: number,
	arrived: (messageId: string) => void
): Promise<() => void> {
	const headers = { ...headersOf(n), Cookie: app.cookies[n] ?? '' };
	const answer = await fetch(`${app.origin}/api/sync?team=${app.teamId}`, { headers });
	const { cursor } = SyncPage.parse(await answer.json());
	const query = new URLSearchParams({ team: app.teamId, cursor, device: newId() });
	const hangUp = new AbortController();
	const stream = await fetch(`${app.origin}/api/stream?${query}`, {
		headers,
		signal: hangUp.signal
	});
	const events = eventsOf(stream);
	const read = async () => {
		for (let event = await events.next(); event; event = await events.next())
			if (event.event === 'page')
				for (const { id } of SyncPage.parse(JSON.parse(event.data)).messages) arrived(id);
	};
	read().catch(() => {});
	return () => hangUp.abort();
}

/** From a visitor's press to each of 100 agents' streams, all in one team. */
export async function stream(): Promise<Row[]> {
	const app = await startBench('app', AGENTS);
	const latencies: number[] = [];
	let sent = { id: '', at: 0, missing: 0, done: () => {} };
	const arrived = (id: string) => {
		if (id !== sent.id) return;
		latencies.push(performance.now() - sent.at);
		if (--sent.missing === 0) sent.done();
	};
	const hangUps = await Promise.all(app.cookies.map((_, n) => listen(app, n, arrived)));
	const chats = app.visitors.map(() => newId());
	for (let n = 0; n < MESSAGES; n++) {
		const who = n % chats.length;
		const id = newId();
		const everywhere = new Promise<void>((done) => {
			sent = { id, at: performance.now(), missing: AGENTS, done };
		});
		const answer = await fetch(`${app.origin}/api/widget/messages`, {
			method: 'POST',
			headers: {
				...headersOf(AGENTS + who),
				Authorization: `Bearer ${app.visitors[who]}`,
				'Content-Type': 'application/json'
			},
			body: JSON.stringify({ conversationId: chats[who], id, body: 'Is the blue one in stock' })
		});
		if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
		await everywhere;
	}
	for (const hangUp of hangUps) hangUp();
	await app.stop();
	return (['p50', 'p99'] as const).map((name) =>
		atMost(
			`visitor's message to ${AGENTS} agents' streams, ${name}`,
			percentile(latencies, name === 'p50' ? 0.5 : 0.99),
			'ms',
			GOAL_MS[name]
		)
	);
}
