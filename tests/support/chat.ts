import { newId } from '#contract/ids.ts';
import { type Mutation, type MutationCall, MutationsResponse } from '#contract/mutations.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { SyncPage } from '#contract/sync.ts';
import { WidgetState } from '#contract/widget.ts';
import type { TestAgent, TestVisitor } from './app.ts';

type More = Partial<Pick<Mutation, 'id' | 'waitedMs' | 'isReviewed'>> & { deviceId?: string };

export const mutation = (call: MutationCall, { deviceId: _, ...more }: More = {}): Mutation => ({
	id: newId(),
	n: 1,
	waitedMs: 0,
	...more,
	call
});

/** What the agent's outbox does: a batch in order. */
export async function pushAll(
	agent: TestAgent,
	mutations: Mutation[],
	{ deviceId = newId(), teamId = agent.team.id }: { deviceId?: string; teamId?: string } = {}
) {
	const response = await agent.post('/api/mutations', {
		protocol: PROTOCOL_VERSION,
		userId: agent.userId,
		teamId,
		deviceId,
		mutations
	});
	if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
	return MutationsResponse.parse(await response.json()).results;
}

/** One mutation, and its result. */
export async function act(agent: TestAgent, call: MutationCall, more: More = {}) {
	const [result] = await pushAll(agent, [mutation(call, more)], more);
	if (!result) throw new Error('no result');
	return result;
}

export const reply = (conversationId: string, body: string, baseSeq = 1_000): MutationCall => ({
	name: 'reply',
	args: { conversationId, messageId: newId(), body, baseSeq }
});

/** The visitor writes; the conversation is made by the first message. */
export async function say(
	visitor: TestVisitor,
	conversationId: string,
	body: string,
	id = newId()
) {
	const response = await visitor.post('/api/widget/messages', { conversationId, id, body });
	if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
	return id;
}

/** The visitor asks for a person. */
export async function callPerson(visitor: TestVisitor, conversationId: string, id = newId()) {
	const response = await visitor.post('/api/widget/escalate', { conversationId, id });
	if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
}

/** What the visitor's widget shows. */
export async function seen(visitor: TestVisitor, after = 0): Promise<WidgetState> {
	return WidgetState.parse(await (await visitor.get(`/api/widget/state?after=${after}`)).json());
}

/** One page, checked against the contract. */
export async function pull(agent: TestAgent, cursor?: string): Promise<SyncPage> {
	const query = new URLSearchParams({ team: agent.team.id, ...(cursor && { cursor }) });
	const response = await agent.get(`/api/sync?${query}`);
	if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
	return SyncPage.parse(await response.json());
}

/** What an empty client holds after pulling to the end, and where it stands. */
export async function pullAll(agent: TestAgent, from?: string) {
	const conversations = new Map<string, SyncPage['conversations'][number]>();
	const messages = new Map<string, SyncPage['messages'][number]>();
	const reads = new Map<string, number>();
	for (let cursor = from, pages = 1; ; pages++) {
		const page = await pull(agent, cursor);
		for (const row of page.conversations) conversations.set(row.id, row);
		for (const row of page.messages) messages.set(row.id, row);
		for (const row of page.reads) reads.set(row.conversationId, row.seq);
		if (!page.hasMore) return { conversations, messages, reads, cursor: page.cursor, pages };
		cursor = page.cursor;
	}
}

export interface ServerEvent {
	event: string;
	id: string | undefined;
	data: string;
}

/** Reads a stream of server-sent events one by one; `end` hangs up. */
export function eventsOf(response: Response) {
	if (!response.ok || !response.body) throw new Error(`no stream: ${response.status}`);
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = '';
	return {
		/** The next event; undefined where the stream has ended. Comments are skipped. */
		async next(): Promise<ServerEvent | undefined> {
			for (;;) {
				const end = text.indexOf('\n\n');
				if (end < 0) {
					const { value, done } = await reader.read();
					if (done) return undefined;
					text += value;
					continue;
				}
				const lines = text.slice(0, end).split('\n');
				text = text.slice(end + 2);
				const field = (name: string) =>
					lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
				const data = field('data');
				if (data !== undefined) return { event: field('event') ?? '', id: field('id'), data };
			}
		},
		end: () => reader.cancel()
	};
}
