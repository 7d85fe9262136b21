import { vi } from 'vitest';
import type { Message } from '#contract/entities.ts';
import { newId } from '#contract/ids.ts';
import type { InTeam, VisitorCtx } from '../../api/domain/context.ts';
import { escalate } from '../../api/domain/conversation/escalate.ts';
import { postVisitorMessage } from '../../api/domain/conversation/post-visitor-message.ts';
import { sql } from '../../api/store/sql.ts';
import { insertVisitor } from '../../api/store/visitor.ts';
import { messagesOf } from '../../src/lib/db/messages.ts';
import type { TestAgent, TestApp, TestTeam } from '../support/app.ts';
import { Browser, createNetwork, type Tab } from './browser.ts';

/** Waits until the check passes; a busy machine takes its time. */
export const eventually = (check: () => unknown): Promise<unknown> =>
	vi.waitFor(check, { timeout: 15_000 });

/** A visitor with a conversation that waits for a person. */
export interface Visitor {
	conversationId: string;
	write(body: string): Promise<void>;
}

/** Lets a visitor of the team's bot (or another) ask for a person. */
export async function waitingVisitor(
	{ deps, db }: TestApp,
	{ id: teamId, botId: ofTeam }: TestTeam,
	botId = ofTeam
): Promise<Visitor> {
	const [visitorId, conversationId] = [newId(), newId()];
	const actor = { kind: 'visitor' as const, teamId, visitorId, botId };
	const inTeam = (act: (ctx: InTeam<VisitorCtx>) => Promise<unknown>) =>
		db.team(teamId, async (tx) => {
			await act({ ...deps, actor, tx });
		});
	await db.team(teamId, (tx) =>
		insertVisitor(tx, {
			id: visitorId,
			botId,
			digest: Buffer.alloc(32),
			browser: null,
			page: undefined,
			at: deps.now()
		})
	);
	await inTeam((ctx) => escalate(ctx, { conversationId, id: newId() }));
	return {
		conversationId,
		write: (body) => inTeam((ctx) => postVisitorMessage(ctx, { conversationId, id: newId(), body }))
	};
}

/** A fresh browser of the agent, with a network to the app. */
export function browserOf(agent: TestAgent): Browser {
	return new Browser(createNetwork((path, init) => agent.request(path, init)));
}

/** An agent, a browser of theirs with no tab yet, and a visitor who waits. */
export async function agentAndCaller(app: TestApp) {
	const agent = await app.signedInAgent();
	const visitor = await waitingVisitor(app, agent.team);
	const { conversationId } = visitor;
	return { agent, visitor, conversationId, browser: browserOf(agent) };
}

export const personOf = (agent: TestAgent) => ({ userId: agent.userId, teamId: agent.team.id });

/** What the server holds of a conversation's texts and notes, in order. */
export async function textsOnServer(
	{ db }: TestApp,
	teamId: string,
	conversationId: string
): Promise<{ body: string; authorId: string }[]> {
	return db.team(teamId, (tx) =>
		tx.many<{ body: string; authorId: string }>(sql`
			select body, author_id as "authorId" from messages
			where team_id = ${teamId} and conversation_id = ${conversationId} and kind <> 'event'
			order by seq`)
	);
}

/** What a tab's cache holds of them. */
export async function textsInCache({ writer }: Tab, conversationId: string): Promise<string[]> {
	const { cache, teamId } = writer;
	const messages: Message[] = await messagesOf(cache, { teamId, conversationId });
	return messages.filter(({ kind }) => kind !== 'event').map(({ body }) => body);
}

/** The conversation as a tab's cache has it. */
export const inCache = ({ writer }: Tab, conversationId: string) =>
	writer.cache.conversations.get([writer.teamId, conversationId]);
