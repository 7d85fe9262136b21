import { deleteAvatar, saveAvatar } from '../../store/avatar.ts';
import { saveBotAvatar } from '../../store/bot.ts';
import { makePicture } from '../account/picture.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { requireManagedBot } from './manage.ts';

/** Makes the uploaded file the bot's picture, or with null takes it away. A file that fails changes nothing. */
export async function setBotAvatar(
	ctx: AgentCtx,
	{ teamId, id, file }: { teamId: string; id: string; file: Buffer | null }
): Promise<{ avatar: string | null }> {
	await ctx.db.team(teamId, (tx) => requireManagedBot({ ...ctx, tx }, id));
	// Decoded while no transaction is open.
	const picture = file && (await makePicture(id, file));
	const avatar = picture?.hash ?? null;
	return ctx.db.team(teamId, async (tx) => {
		const { name, avatar: before } = await requireManagedBot({ ...ctx, tx }, id);
		if (picture) await saveAvatar(tx, picture);
		await saveBotAvatar(tx, id, avatar);
		if (before !== null && before !== avatar) await deleteAvatar(tx, before);
		const subject = { id, name };
		await record({ ...ctx, tx }, { action: 'bot.changed', subject, details: { avatar } });
		return { avatar };
	});
}
