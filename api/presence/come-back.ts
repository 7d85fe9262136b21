import type { BeatRequest } from '#contract/presence.ts';
import { requireMember } from '../domain/team/access.ts';
import { lockIntent } from '../store/intent.ts';
import { sharesOf } from '../store/lease.ts';
import { findUser } from '../store/user.ts';
import { comeBack, merge } from './core.ts';
import type { PersonIntents } from './intents.ts';
import type { SweepDeps } from './sweep.ts';
import { writeTransitions } from './write.ts';

/**
 * After a beat: ends an expiry for a person who has asked for that, and answers with the intents as they are
 * then. Only a page that is looked at shows that somebody is back; a phone wakes hidden ones by itself.
 */
export async function comeBackIfWanted(
	userId: string,
	{ pages }: BeatRequest,
	deps: SweepDeps
): Promise<PersonIntents> {
	const person = await deps.intents.ofUser(userId);
	if (!person.isAutoReturn || !pages.some(({ visibility }) => visibility === 'visible'))
		return person;
	const expired = [...person.teams].filter(([, intent]) => intent.cause === 'heartbeat lost');
	if (expired.length === 0) return person;
	for (const [teamId] of expired) await comeBackTo(teamId, userId, deps);
	// What is remembered was wrong in any case, whoever has changed it.
	deps.intents.drop(userId);
	return deps.intents.ofUser(userId);
}

const comeBackTo = (teamId: string, userId: string, deps: SweepDeps): Promise<void> =>
	deps.db.team(teamId, async (tx) => {
		const { permissions } = await requireMember(tx, userId);
		const user = await findUser(tx, userId);
		if (!user?.isAutoReturn || !permissions.has('chat.handle')) return;
		const { userId: _, ...intent } = await lockIntent(tx, userId);
		const known = merge(await sharesOf(tx, [userId]), deps.shares.of(userId));
		const shares = deps.leases.count(teamId, known);
		const transition = comeBack({ intent, shares, now: deps.now() }, deps.settings);
		if (!transition) return;
		await deps.shares.take(tx, [userId]);
		await writeTransitions(tx, [{ ...transition, userId }]);
	});
