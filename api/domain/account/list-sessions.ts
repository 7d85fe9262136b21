import { browserName } from '#contract/browser-name.ts';
import type { Session } from '#contract/profile.ts';
import { sessionsOf } from '../../store/session.ts';
import type { AgentCtx } from '../context.ts';

/** Where the person is signed in. */
export async function listSessions({ db, actor, now }: AgentCtx): Promise<Session[]> {
	const rows = await sessionsOf(db.person, actor.userId, now());
	return rows.map(({ digest, userAgent, ...row }) => ({
		...row,
		id: digest.toString('hex'),
		isCurrent: digest.equals(actor.sessionDigest),
		browser: browserName(userAgent)
	}));
}
