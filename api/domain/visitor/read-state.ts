import type { Conversation, Message } from '#contract/entities.ts';
import type { PublicAgent, WidgetState } from '#contract/widget.ts';
import { conversationOfVisitor } from '../../store/conversation.ts';
import type { TeamTx } from '../../store/db.ts';
import { currentStep } from '../../store/ladder.ts';
import { agentsOfThread, publicMessagesAfter, publicSeq } from '../../store/message.ts';
import { findTeam, type TeamRow } from '../../store/team.ts';
import { facesOf } from '../../store/user.ts';
import { readAvailability } from '../availability/read.ts';
import { requireBot } from '../bot/require.ts';
import type { VisitorCtx } from '../context.ts';
import { publicAgent } from './public-agent.ts';
import { publicMessage } from './public-message.ts';

/** What a widget shows, and how each agent in its thread looks at this moment, by id. */
export interface View {
	state: WidgetState;
	looks: ReadonlyMap<string, string>;
}

/** All that the visitor's widget shows, with the messages after number `after`. */
export async function readState(
	ctx: VisitorCtx,
	{ after }: { after: number }
): Promise<WidgetState> {
	return (await readView(ctx, { after })).state;
}

/** The same, for a stream that has to notice when an agent's name or picture changes. */
export function readView(ctx: VisitorCtx, { after }: { after: number }): Promise<View> {
	const { teamId, visitorId, botId } = ctx.actor;
	return ctx.db.team(teamId, async (tx) => {
		const bot = await requireBot(tx, botId);
		const team = await findTeam(tx);
		if (!team) throw new Error('a visitor without a team');
		const availability = await readAvailability(ctx, tx, { bot, team });
		const conversation = await conversationOfVisitor(tx, visitorId);
		if (!conversation)
			return { state: { conversation: null, messages: [], availability }, looks: new Map() };
		const messages = await publicMessagesAfter(tx, conversation.id, after);
		const thread = await readThread(tx, { team, conversation, messages });
		return { state: { ...thread.shown, availability }, looks: thread.looks };
	});
}

async function readThread(
	tx: TeamTx,
	{
		team,
		conversation,
		messages
	}: { team: TeamRow; conversation: Conversation; messages: Message[] }
) {
	const { id, state, assigneeId } = conversation;
	const ids = new Set(await agentsOfThread(tx, id));
	if (assigneeId !== null) ids.add(assigneeId);
	const faces = await facesOf(tx, [...ids]);
	const agents = new Map<string, PublicAgent>(
		faces.map((face) => [face.userId, publicAgent(team, face)])
	);
	const nobody = { firstName: '', lastName: '', avatar: null };
	const agentOf = (userId: string) =>
		agents.get(userId) ?? publicAgent(team, { userId, ...nobody });
	return {
		looks: new Map([...agents].map(([userId, agent]) => [userId, JSON.stringify(agent)])),
		shown: {
			conversation: {
				id,
				state,
				seq: messages.at(-1)?.seq ?? (await publicSeq(tx, id)),
				agent: assigneeId === null ? null : agentOf(assigneeId),
				...((await currentStep(tx, id))?.step === 'admins' && { isUnanswered: true as const })
			},
			messages: messages.map((message) => publicMessage(message, agentOf))
		}
	};
}
