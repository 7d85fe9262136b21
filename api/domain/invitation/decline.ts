import { endInvitation } from '../../store/invitation.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { withInvitation } from './open.ts';

/** Says no; no account is needed for that. */
export const decline = (ctx: Ctx, { token }: { token: string }): Promise<void> =>
	withInvitation(ctx, token, async (joined, { id, email }) => {
		await endInvitation(joined.tx, id, 'declined');
		await record(joined, { action: 'invitation.declined', subject: { id, name: email } });
	});
