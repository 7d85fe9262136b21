import { deleteAvatar, saveAvatar } from '../../store/avatar.ts';
import { saveBrandAvatar } from '../../store/team.ts';
import { makePicture } from '../account/picture.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { requireManagedTeam } from './update.ts';

/** Makes the uploaded file the brand's picture, or with null takes it away. A file that fails changes nothing. */
export async function setBrandAvatar(
	ctx: AgentCtx,
	{ teamId, file }: { teamId: string; file: Buffer | null }
): Promise<{ avatar: string | null }> {
	await ctx.db.team(teamId, (tx) => requireManagedTeam({ ...ctx, tx }));
	// Decoded while no transaction is open.
	const picture = file && (await makePicture(teamId, file));
	const avatar = picture?.hash ?? null;
	return ctx.db.team(teamId, async (tx) => {
		const { name, brandAvatar: before } = await requireManagedTeam({ ...ctx, tx });
		if (picture) await saveAvatar(tx, picture);
		await saveBrandAvatar(tx, avatar);
		if (before !== null && before !== avatar) await deleteAvatar(tx, before);
		const subject = { id: teamId, name };
		await record({ ...ctx, tx }, { action: 'team.changed', subject, details: { avatar } });
		return { avatar };
	});
}
