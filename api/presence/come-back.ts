import type { BeatRequest } from '#contract/presence.ts';
import { requireMember } from '../domain/team/access.ts';
import { findUser } from '../store/user.ts';
import { comeBack } from './core.ts';
import type { PersonIntents } from './intents.ts';
import { lockKnown } from './known.ts';
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
		const transition = comeBack(await lockKnown(tx, userId, deps), deps.settings);
		if (!transition) return;
		await deps.shares.take(tx, [userId]);
		await writeTransitions(tx, [{ ...transition, userId }]);
	});
