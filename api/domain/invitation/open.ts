import {
	type InvitationRow,
	type InvitationState,
	lockInvitationOf,
	teamOfInvitation
} from '../../store/invitation.ts';
import { mailedDigest } from '../account/mailed-token.ts';
import type { Ctx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';

const unknown = () =>
	new DomainError('not_found', 'This link opens no invitation.', {
		remedy: 'Open the link of the newest mail, or ask for the invitation to be sent again.'
	});

const ANSWERED: Record<Exclude<InvitationState, 'pending'>, { message: string; remedy: string }> = {
	accepted: {
		message: 'This invitation has been used.',
		remedy: 'Sign in: the team is in your list.'
	},
	declined: {
		message: 'This invitation was declined.',
		remedy: 'Ask for a new one if you want to join after all.'
	},
	cancelled: {
		message: 'This invitation was withdrawn.',
		remedy: 'Ask the team for a new one.'
	}
};

/**
 * Does something with the invitation that a mailed token opens, in a transaction of its team. The
 * token is proof of the address.
 */
export async function withInvitation<C extends Ctx, T>(
	ctx: C,
	token: string,
	work: (ctx: InTeam<C>, invitation: InvitationRow) => Promise<T>
): Promise<T> {
	const digest = mailedDigest(token);
	const teamId = await teamOfInvitation(ctx.db.person, digest);
	if (!teamId) throw unknown();
	return ctx.db.team(teamId, async (tx) => {
		const invitation = await lockInvitationOf(tx, digest);
		if (!invitation) throw unknown();
		const { state, expiresAt } = invitation;
		if (state !== 'pending') {
			const { message, remedy } = ANSWERED[state];
			throw new DomainError('gone', message, { remedy });
		}
		if (expiresAt <= ctx.now())
			throw new DomainError('gone', 'This invitation has expired: it was good for 7 days.', {
				remedy: 'Ask for it to be sent again.'
			});
		return work({ ...ctx, tx }, invitation);
	});
}
