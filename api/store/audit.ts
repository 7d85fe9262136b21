import type { AuditAction, AuditEntry } from '#contract/audit.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** Adds an entry to the team's log; the run-time role can neither change nor delete one. */
export async function insertAuditEntry(tx: TeamTx, entry: AuditEntry): Promise<void> {
	const { id, at, actorId, actorName, action, subjectId, subjectName, details, address } = entry;
	await tx.run(sql`
		insert into audit_log (team_id, id, at, actor_id, actor_name, action, subject_id, subject_name,
			details, address)
		values (${tx.teamId}, ${id}, ${new Date(at)}, ${actorId}, ${actorName}, ${action}, ${subjectId},
			${subjectName}, ${JSON.stringify(details)}::jsonb, ${address})`);
}

export interface AuditFilter {
	actorId: string | undefined;
	action: AuditAction | undefined;
	/** Milliseconds since 1970; `until` is exclusive. */
	from: number | undefined;
	until: number | undefined;
	/** The id of the entry to go on behind. */
	before: string | undefined;
	limit: number;
}

const time = (at: number | undefined) => (at === undefined ? null : new Date(at));

/** The newest first. */
export function auditEntries(tx: TeamTx, filter: AuditFilter): Promise<AuditEntry[]> {
	const { actorId = null, action = null, before = null } = filter;
	return tx.many(sql`
		select id, at, actor_id as "actorId", actor_name as "actorName", action,
			subject_id as "subjectId", subject_name as "subjectName", details, address
		from audit_log l
		where team_id = ${tx.teamId}
			and (${actorId}::uuid is null or actor_id = ${actorId})
			and (${action}::text is null or action = ${action})
			and (${time(filter.from)}::timestamptz is null or at >= ${time(filter.from)})
			and (${time(filter.until)}::timestamptz is null or at < ${time(filter.until)})
			and (${before}::uuid is null or (at, id) < (
				select b.at, b.id from audit_log b where b.team_id = ${tx.teamId} and b.id = ${before}))
		order by at desc, id desc limit ${filter.limit}`);
}
