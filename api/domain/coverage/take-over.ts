import { closesAt } from '#contract/business-hours.ts';
import type { TakeOverRequest, TakeOverResponse } from '#contract/coverage.ts';
import { lockConversation, openConversationIdsOf } from '../../store/conversation.ts';
import { findHours } from '../../store/coverage.ts';
import { deleteTakeOver, insertTakeOverEvent, saveTakeOver } from '../../store/take-over.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { eventBy, write } from '../conversation/write.ts';
import { DomainError } from '../errors.ts';
import { requireMember, requirePermission } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';
import { type Agent, agentsOf, isThere } from './agents.ts';

/**
 * Somebody goes and asks a colleague to take over: the colleague reads it in the app and is rung as settings allow,
 * and has the chats from now on if they are given along. Going offline is for the person to do.
 */
export function askToTakeOver(
	ctx: AgentCtx,
	{ teamId, userId, untilMs, giveChats }: TakeOverRequest
): Promise<TakeOverResponse> {
	const { actor } = ctx;
	return ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, actor.userId), 'chat.handle');
		const agents = await agentsOf(tx, ctx.presence);
		const asked = agents.find(({ member }) => member.userId === userId);
		if (!asked || userId === actor.userId) throw notToAsk();
		const there = agents.find((agent) => isThere(agent) && agent.member.userId !== actor.userId);
		if (there) throw isCovered(there);
		const now = ctx.now();
		const hours = await findHours(tx);
		const ends = [hours && closesAt(hours, now), untilMs && now + untilMs].filter((at) => !!at);
		const until = ends.length > 0 ? Math.min(...(ends as number[])) : null;
		await saveTakeOver(tx, { userId, askedBy: actor.userId, askedAt: now, until });
		const eventId = ctx.newId();
		await insertTakeOverEvent(tx, { id: eventId, userIds: [userId], byId: actor.userId, at: now });
		await ctx.enqueue(tx, { name: 'ask', data: { teamId, eventId } });
		const given = giveChats ? await giveChatsTo({ ...ctx, tx }, asked) : 0;
		return { given, until };
	});
}

/** The chats that the person has, as far as the colleague may answer them. The question rings; each chat need not. */
async function giveChatsTo(ctx: InTeam<AgentCtx>, { member }: Agent): Promise<number> {
	const { tx, actor } = ctx;
	let given = 0;
	for (const id of await openConversationIdsOf(tx, actor.userId)) {
		const conversation = await lockConversation(tx, id);
		const mayAnswer =
			conversation && (member.hasAllBots || member.botIds.includes(conversation.botId));
		if (!mayAnswer || conversation.assigneeId !== actor.userId) continue;
		const about = { agentId: member.userId, fromId: actor.userId };
		const messages = [eventBy(ctx, 'transferred', about)];
		await write(ctx, conversation, { head: { assigneeId: member.userId }, messages });
		given++;
	}
	return given;
}

/** Who was asked says no; the question is gone. */
export function declineTakeOver(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const { userId } = await requireMember(tx, ctx.actor.userId);
		await deleteTakeOver(tx, userId);
	});
}

const notToAsk = () =>
	new DomainError('not_found', 'There is no such colleague who answers chats.', {
		remedy: 'Choose another one.'
	});

const isCovered = ({ member }: Agent) =>
	new DomainError('conflict', `${colleagueName(member)} is online meanwhile.`, {
		remedy: 'Nobody has to take over: you can go offline.',
		details: { onlineId: member.userId }
	});
