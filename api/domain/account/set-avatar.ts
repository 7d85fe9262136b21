import { deleteAvatar, saveAvatar } from '../../store/avatar.ts';
import { saveUserAvatar } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { makePicture } from './picture.ts';
import { requireUser } from './profile.ts';
import { tellTeams } from './tell-teams.ts';

/** Makes the uploaded file the person's picture, or with null takes it away. A file that fails changes nothing. */
export async function setAvatar(
	ctx: AgentCtx,
	file: Buffer | null
): Promise<{ avatar: string | null }> {
	const user = await requireUser(ctx);
	const picture = file && (await makePicture(user.id, file));
	const avatar = picture?.hash ?? null;
	await ctx.db.personTx(async (tx) => {
		if (picture) await saveAvatar(tx, picture);
		const before = await saveUserAvatar(tx, user.id, avatar);
		if (before !== null && before !== avatar) await deleteAvatar(tx, before);
	});
	await tellTeams(ctx, { action: 'member.picture_changed' }, colleagueName(user));
	return { avatar };
}
