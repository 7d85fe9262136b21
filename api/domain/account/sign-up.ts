import { insertUser } from '../../store/user.ts';
import { record } from '../audit/record.ts';
import { agentWithoutSession, type Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { createTeam } from '../team/create.ts';
import { refuseGuessable } from './guessable.ts';
import { isOwnerToken, useOwnerToken } from './owner-link.ts';
import { hashPassword } from './password.ts';

export interface SignUp {
	email: string;
	password: string;
	firstName: string;
	lastName: string;
	teamName: string;
	/** Opens sign-up once where it is closed. */
	ownerToken?: string | undefined;
}

const closed = () =>
	new DomainError('forbidden', 'Sign-up is closed on this server.', {
		remedy: 'Ask its owner, or open the link printed on its console.'
	});

/**
 * Creates a person, their team with them as owner, and the team's first bot, all or nothing.
 * A taken address is told: nothing short of mailing it could hide that.
 */
export async function signUp(
	ctx: Ctx,
	input: SignUp,
	{ isSignUpOpen }: { isSignUpOpen: boolean }
): Promise<{ userId: string }> {
	const token = isSignUpOpen ? undefined : (input.ownerToken ?? '');
	if (token !== undefined && !(await isOwnerToken(ctx.db.person, token, ctx.now()))) throw closed();
	refuseGuessable(input.password, { ...input, teamNames: [input.teamName] });
	const passwordHash = await hashPassword(input.password);
	const userId = ctx.newId();
	const { email, firstName, lastName, teamName } = input;
	await ctx.db.team(ctx.newId(), async (tx) => {
		if (token !== undefined && !(await useOwnerToken(tx, token, ctx.now()))) throw closed();
		if (!(await insertUser(tx, { id: userId, email, firstName, lastName, passwordHash })))
			throw new DomainError('conflict', 'An account with this email address exists.', {
				field: 'email',
				remedy: 'Sign in, or use another address.'
			});
		await createTeam(tx, { name: teamName, ownerId: userId, botId: ctx.newId() });
		const actor = agentWithoutSession(userId);
		const subject = { id: tx.teamId, name: teamName };
		await record({ ...ctx, actor, tx }, { action: 'team.created', subject });
	});
	return { userId };
}
