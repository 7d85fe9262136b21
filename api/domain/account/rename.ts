import type { Profile } from '#contract/profile.ts';
import { saveNames } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { readProfile, requireUser } from './profile.ts';
import { tellTeams } from './tell-teams.ts';

/** Changes what visitors and colleagues call the person. */
export async function rename(
	ctx: AgentCtx,
	names: { firstName: string; lastName: string }
): Promise<Profile> {
	const before = await requireUser(ctx);
	// Half a surrogate pair is no character and cannot be stored.
	const firstName = names.firstName.toWellFormed();
	const lastName = names.lastName.toWellFormed();
	if (before.firstName !== firstName || before.lastName !== lastName) {
		await saveNames(ctx.db.person, before.id, { firstName, lastName });
		const name = colleagueName({ ...before, firstName, lastName });
		const details = { from: colleagueName(before), to: name };
		await tellTeams(ctx, { action: 'member.renamed', details }, name);
	}
	return readProfile(ctx);
}
