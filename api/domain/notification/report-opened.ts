import { ackDelivery } from '../../store/notification-delivery.ts';
import { type AckedRow, ackDigestOf, ackPushTest } from '../../store/push-test.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { noteProof, VALID_MS } from './acknowledge.ts';

/**
 * The page that a notification led to says so, where no worker could; without a team it was a test. Repeating it
 * changes nothing.
 */
export async function reportOpened(
	ctx: AgentCtx,
	{ teamId, deliveryId: id }: { teamId?: string | undefined; deliveryId: string }
): Promise<void> {
	const { userId } = ctx.actor;
	const at = ctx.now();
	const ack = { state: 'opened', at, since: at - VALID_MS } as const;
	const ofTeam = (team: string) =>
		ctx.db.team(team, async (tx) => {
			await requireMember(tx, userId);
			return ackDelivery(tx, { id, userId }, ack);
		});
	const ofTest = async (): Promise<AckedRow | undefined> => {
		const digest = await ackDigestOf(ctx.db.person, { id, userId });
		return digest && ackPushTest(ctx.db.person, digest, ack);
	};
	const row = teamId ? await ofTeam(teamId) : await ofTest();
	if (row?.isFirst) await noteProof(ctx, row, 'opened');
}
