import type { AuditEntry, AuditQuery } from '#contract/audit.ts';
import { auditEntries } from '../../store/audit.ts';
import type { AgentCtx } from '../context.ts';
import { csvOf } from '../csv.ts';
import { requireMember, requirePermission } from '../team/access.ts';

const PAGE = 100;
const EXPORT = 50_000;

function read(ctx: AgentCtx, query: AuditQuery, limit: number): Promise<AuditEntry[]> {
	const { team, actor: actorId, action, before } = query;
	const [from, until] = [query.from, query.until].map((at) =>
		at === undefined ? undefined : Number(at)
	);
	return ctx.db.team(team, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'log.view');
		return auditEntries(tx, { actorId, action, from, until, before, limit });
	});
}

/** A page of the team's log, the newest first. */
export async function listAudit(
	ctx: AgentCtx,
	query: AuditQuery
): Promise<{ entries: AuditEntry[]; hasMore: boolean }> {
	const entries = await read(ctx, query, PAGE + 1);
	return { entries: entries.slice(0, PAGE), hasMore: entries.length > PAGE };
}

const COLUMNS = ['at', 'actor', 'actorId', 'action', 'subject', 'subjectId', 'details', 'address'];

const rowOf = (entry: AuditEntry): string[] => [
	new Date(entry.at).toISOString(),
	entry.actorName,
	entry.actorId ?? '',
	entry.action,
	entry.subjectName ?? '',
	entry.subjectId ?? '',
	JSON.stringify(entry.details),
	entry.address
];

/** The same as CSV, all pages in one. */
export async function exportAudit(ctx: AgentCtx, query: AuditQuery): Promise<string> {
	const rows = (await read(ctx, query, EXPORT)).map(rowOf);
	return csvOf([COLUMNS, ...rows]);
}
