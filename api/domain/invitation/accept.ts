import { endInvitation, type InvitationRow } from '../../store/invitation.ts';
import { findMembership, insertMember } from '../../store/member.ts';
import { findTeam } from '../../store/team.ts';
import { insertUser } from '../../store/user.ts';
import { refuseGuessable } from '../account/guessable.ts';
import { hashPassword } from '../account/password.ts';
import { requireUser } from '../account/profile.ts';
import { record } from '../audit/record.ts';
import { type AgentCtx, agentWithoutSession, type Ctx, type InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { colleagueName } from '../team/name.ts';
import { withInvitation } from './open.ts';

async function enter(
	ctx: InTeam<AgentCtx>,
	{ id, role, roleId, botIds }: InvitationRow,
	person: { email: string; firstName: string; lastName: string }
): Promise<{ teamId: string }> {
	const { tx, actor } = ctx;
	await endInvitation(tx, id, 'accepted');
	if (!(await findMembership(tx, actor.userId)))
		await insertMember(tx, actor.userId, role, { roleId, botIds });
	const subject = { id: actor.userId, name: colleagueName(person) };
	await record(ctx, { action: 'member.joined', subject, details: { role, roleId, botIds } });
	return { teamId: tx.teamId };
}

/** Takes somebody who is signed in into the team: the person whom the mail was for. */
export async function accept(
	ctx: AgentCtx,
	{ token }: { token: string }
): Promise<{ teamId: string }> {
	const user = await requireUser(ctx);
	return withInvitation(ctx, token, (joined, invitation) => {
		if (invitation.email !== user.email)
			throw new DomainError(
				'forbidden',
				`This invitation is for ${invitation.email}, and you are signed in as ${user.email}.`,
				{ remedy: 'Sign out, then open the link again.' }
			);
		return enter(joined, invitation, user);
	});
}

/** Makes an account for the address that the mail went to, in the team: all or nothing. */
export async function join(
	ctx: Ctx,
	input: { token: string; firstName: string; lastName: string; password: string }
): Promise<{ userId: string; teamId: string }> {
	const { token, password, firstName, lastName } = input;
	const { email, teamName } = await withInvitation(ctx, token, async ({ tx }, invitation) => ({
		email: invitation.email,
		teamName: (await findTeam(tx))?.name ?? ''
	}));
	refuseGuessable(password, { email, firstName, lastName, teamNames: [teamName] });
	const passwordHash = await hashPassword(password);
	const names = { firstName: firstName.toWellFormed(), lastName: lastName.toWellFormed() };
	const userId = ctx.newId();
	const actor = agentWithoutSession(userId);
	return withInvitation({ ...ctx, actor }, token, async (joined, invitation) => {
		if (!(await insertUser(joined.tx, { id: userId, email, ...names, passwordHash })))
			throw new DomainError('conflict', `${email} has an account already.`, {
				remedy: 'Sign in with it, then open the link again.'
			});
		return { userId, ...(await enter(joined, invitation, { email, ...names })) };
	});
}
