import { deleteDevices } from '../../store/device.ts';
import { deleteSession, sessionDigestsOf } from '../../store/session.ts';
import { recordOwn } from '../audit/record-own.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** What is to be forgotten in memory and told to other processes. */
export interface EndedSessions {
	digests: Buffer[];
	deviceIds: string[];
}

/** What the person asks for in their list: ends one session, or with null all but the one that asks. */
export async function endSessions(
	ctx: AgentCtx,
	input: { id: string | null }
): Promise<EndedSessions> {
	const ended = await dropSessions(ctx, input);
	if (ended.digests.length > 0)
		await recordOwn(ctx, {
			action: 'account.sessions_ended',
			details: { sessions: ended.digests.length }
		});
	return ended;
}

/** The same as a part of something else; each session goes with its devices and their pushes. */
export function dropSessions(
	{ db, actor }: AgentCtx,
	{ id }: { id: string | null }
): Promise<EndedSessions> {
	const { userId, sessionDigest } = actor;
	return db.personTx(async (tx) => {
		const all = await sessionDigestsOf(tx, userId);
		const digests = all.filter((digest) =>
			id === null ? !digest.equals(sessionDigest) : digest.toString('hex') === id
		);
		if (id !== null && digests.length === 0)
			throw new DomainError('not_found', 'There is no such session.', {
				remedy: 'It may have ended already: load the list again.'
			});
		const deviceIds: string[] = [];
		for (const digest of digests) {
			deviceIds.push(...(await deleteDevices(tx, { userId, id: null, sessionDigest: digest })));
			await deleteSession(tx, digest);
		}
		return { digests, deviceIds };
	});
}
