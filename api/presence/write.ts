import { newId } from '#contract/ids.ts';
import { noteReach } from '../domain/presence/note-reach.ts';
import type { TeamTx } from '../store/db.ts';
import { saveIntents } from '../store/intent.ts';
import { insertLedger } from '../store/ledger.ts';
import type { Transition } from './core.ts';

export type OwnedTransition = Transition & { userId: string };

/**
 * Writes transitions with their ledger rows and the members' change rows, in the caller's transaction,
 * which holds the intents' locks. Streams are told after the commit.
 */
export async function writeTransitions(tx: TeamTx, transitions: OwnedTransition[]): Promise<void> {
	if (transitions.length === 0) return;
	await saveIntents(
		tx,
		transitions.map(({ userId, after }) => ({ ...after, userId }))
	);
	await insertLedger(
		tx,
		transitions.map(({ userId, before, after, at, cause, proof }) => ({
			id: newId(at),
			userId,
			at,
			from: before.status,
			to: after.status,
			cause,
			deviceId: proof?.deviceId ?? null,
			lastBeatAt: after.lastBeatAt,
			visibility: proof?.visibility ?? null,
			byId: after.setBy,
			reason: after.reason,
			until: after.until
		}))
	);
	const offline = transitions.filter(({ after }) => after.status === 'offline');
	const [first] = offline;
	// All of a batch happens at one moment.
	if (first)
		await noteReach(tx, {
			members: offline.map(({ userId, cause }) => ({ userId, isByHand: cause === 'set by you' })),
			at: first.at
		});
	for (const { userId } of transitions) tx.changed({ entity: 'member', id: userId });
}
