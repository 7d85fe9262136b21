import { randomBytes } from 'node:crypto';
import { newId } from '#contract/ids.ts';
import { insertBot } from '../../store/bot.ts';
import type { TeamTx } from '../../store/db.ts';
import { insertMember } from '../../store/member.ts';
import { insertTeam } from '../../store/team.ts';
import { insertUser } from '../../store/user.ts';
import { insertVisitor } from '../../store/visitor.ts';
import { hashPassword } from '../account/password.ts';
import { type Actor, agentWithoutSession, type Ctx } from '../context.ts';
import { escalate } from '../conversation/escalate.ts';
import { note } from '../conversation/note.ts';
import { postVisitorMessage } from '../conversation/post-visitor-message.ts';
import { reply } from '../conversation/reply.ts';
import { resolve } from '../conversation/resolve.ts';
import {
	type Agent,
	CONVERSATIONS,
	type DemoConversation,
	QUICK_QUESTIONS,
	type Step
} from './conversations.ts';

const MINUTE_MS = 60_000;
const TEAM = 'Tideline Kayaks';
const PEOPLE = [
	{ firstName: 'Ana', lastName: 'Duarte', role: 'owner' },
	{ firstName: 'Ben', lastName: 'Okafor', role: 'agent' },
	{ firstName: 'Mira', lastName: 'Kaplan', role: 'agent' }
] as const;
const emailOf = (firstName: string) => `${firstName.toLowerCase()}@tideline.example`;

/** Who signs in to the demo. */
export const DEMO_OWNER = emailOf(PEOPLE[0].firstName);

interface World {
	ctx: Omit<Ctx, 'actor'>;
	tx: TeamTx;
	botId: string;
	demoOrigin: string;
	agents: Record<Agent, string>;
}

/**
 * Makes the demo team with a bot and a day's conversations, all or nothing. The verbs that people use
 * make them, at the times they are said to have happened.
 */
export async function seedDemo(
	ctx: Omit<Ctx, 'actor'>,
	{ password, demoOrigin }: { password: string; demoOrigin: string }
): Promise<void> {
	const passwordHash = await hashPassword(password);
	// The colleagues are company, not accounts: nobody knows their passwords.
	const unknownHash = await hashPassword(randomBytes(32).toString('base64url'));
	await ctx.db.team(ctx.newId(), async (tx) => {
		const agents = { Ana: ctx.newId(), Ben: ctx.newId(), Mira: ctx.newId() };
		const botId = ctx.newId();
		await insertTeam(tx, TEAM, TEAM);
		for (const { role, ...name } of PEOPLE) {
			const id = agents[name.firstName];
			const hash = role === 'owner' ? passwordHash : unknownHash;
			await insertUser(tx, { id, email: emailOf(name.firstName), passwordHash: hash, ...name });
			await insertMember(tx, id, role);
		}
		await insertBot(tx, {
			id: botId,
			name: 'Shop helper',
			greeting: 'Hello! Ask me about boats, delivery and returns, or talk to a person.',
			quickQuestions: QUICK_QUESTIONS,
			allowedOrigins: [demoOrigin]
		});
		const world = { ctx, tx, botId, demoOrigin, agents };
		for (const conversation of CONVERSATIONS) await seedConversation(world, conversation);
	});
}

async function seedConversation(world: World, { visitor, page, steps }: DemoConversation) {
	const { ctx, tx, botId, demoOrigin } = world;
	const startedAt = ctx.now() - (steps[0]?.minutesAgo ?? 0) * MINUTE_MS;
	const visitorId = newId(startedAt);
	await insertVisitor(tx, {
		...visitor,
		id: visitorId,
		botId,
		// Of nobody's token: these visitors do not come back.
		digest: randomBytes(32),
		page: { url: `${demoOrigin}${page.path}`, title: page.title },
		at: startedAt
	});
	const conversationId = newId(startedAt);
	for (const step of steps) await seedStep(world, { step, visitorId, conversationId });
}

async function seedStep(
	{ ctx, tx, botId, agents }: World,
	{ step, visitorId, conversationId }: { step: Step; visitorId: string; conversationId: string }
): Promise<void> {
	const at = ctx.now() - step.minutesAgo * MINUTE_MS;
	const as = <A extends Actor>(actor: A) => ({
		...ctx,
		tx,
		actor,
		now: () => at,
		newId: () => newId(at),
		// What is long past rings no phone.
		enqueue: async () => {}
	});
	const teamId = tx.teamId;
	const visitor = () => as({ kind: 'visitor', teamId, visitorId, botId });
	const agent = (by: Agent) => as(agentWithoutSession(agents[by]));
	const id = newId(at);
	if ('visitor' in step)
		await postVisitorMessage(visitor(), { conversationId, id, body: step.visitor });
	else if ('escalate' in step) await escalate(visitor(), { conversationId, id });
	else if ('reply' in step)
		await reply(agent(step.by), { conversationId, messageId: id, body: step.reply });
	else if ('note' in step)
		await note(agent(step.by), { conversationId, messageId: id, body: step.note });
	else await resolve(agent(step.by), { conversationId });
}
