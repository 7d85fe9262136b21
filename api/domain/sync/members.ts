import type { Member, Presence } from '#contract/entities.ts';
import type { TeamTx } from '../../store/db.ts';
import { membersOfTeam } from '../../store/member.ts';
import { type TakeOver, takeOversOf } from '../../store/take-over.ts';
import type { PresenceAnswer, PresenceReader } from '../context.ts';
import { colleagueName } from '../team/name.ts';

/** The team's members as colleagues see them, with their presence at this moment. */
export async function readMembers(tx: TeamTx, presence: PresenceReader): Promise<Member[]> {
	const rows = await membersOfTeam(tx);
	const answers = await presence.ofTeam(tx);
	const asked = new Map((await takeOversOf(tx)).map((question) => [question.userId, question]));
	return rows.map((row) => ({
		userId: row.userId,
		name: colleagueName(row),
		email: row.email,
		avatar: row.avatar,
		role: row.role,
		presence: presenceOf(answers.get(row.userId)),
		asked: standing(asked.get(row.userId), answers.get(row.userId))
	}));
}

/** A question stands until the person goes online. */
function standing(
	question: TakeOver | undefined,
	presence: PresenceAnswer | undefined
): Member['asked'] {
	if (!question || !presence || presence.status !== 'offline') return null;
	if (presence.since > question.askedAt) return null;
	return { by: question.askedBy, at: question.askedAt, until: question.until };
}

/** As it goes over the wire; a member who was never heard of is offline. */
export function presenceOf(answer: PresenceAnswer | undefined): Presence {
	if (!answer)
		return {
			status: 'offline',
			since: 0,
			cause: null,
			until: null,
			reason: null,
			lastBeatAt: null
		};
	const { validForMs: _, ...presence } = answer;
	return presence;
}
