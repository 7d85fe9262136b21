import { lockConversation, openConversationIdsOf } from '../../store/conversation.ts';
import { findMembership } from '../../store/member.ts';
import type { InTeam } from '../context.ts';
import { giveBack } from '../conversation/give-back.ts';
import { permissionsOf } from '../team/access.ts';

/** Gives the open chats that a person can answer no longer back to everybody. */
export async function releaseChats(ctx: InTeam, userId: string): Promise<void> {
	const { tx } = ctx;
	const member = await findMembership(tx, userId);
	const isAgent = member && permissionsOf(member.role, member.customPermissions).has('chat.handle');
	const mayAnswer = (botId: string) =>
		isAgent && (member.hasAllBots || member.botIds.includes(botId));
	for (const id of await openConversationIdsOf(tx, userId)) {
		const conversation = await lockConversation(tx, id);
		if (conversation?.assigneeId !== userId || mayAnswer(conversation.botId)) continue;
		await giveBack(ctx, conversation);
	}
}
