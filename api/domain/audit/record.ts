import type { AuditAction } from '#contract/audit.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import { findUser } from '../../store/user.ts';
import type { InTeam } from '../context.ts';
import { colleagueName } from '../team/name.ts';

export interface Deed {
	action: AuditAction;
	/** Whom or what it was done to. */
	subject?: { id: string; name: string };
	/** What it was changed to; never a secret. */
	details?: Record<string, unknown>;
}

/** Writes who did what, when and from where into the team's log, within the deed's own transaction. */
export async function record(ctx: InTeam, { action, subject, details = {} }: Deed): Promise<void> {
	const { tx, actor } = ctx;
	const actorId = actor.kind === 'agent' ? actor.userId : null;
	const person = actorId === null ? undefined : await findUser(tx, actorId);
	await insertAuditEntry(tx, {
		id: ctx.newId(),
		at: ctx.now(),
		actorId,
		actorName: person ? colleagueName(person) : 'Bellhop',
		action,
		subjectId: subject?.id ?? null,
		subjectName: subject?.name ?? null,
		details,
		address: ctx.address ?? ''
	});
}
