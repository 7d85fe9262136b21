import { Hono } from 'hono';
import { AuditQuery } from '#contract/audit.ts';
import { exportAudit, listAudit } from '../domain/audit/list.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const EXPORT: Rule = { name: 'audit export', burst: 5, everyMs: 60_000 };

/** Mounted at /api/audit. */
export function auditRoutes(deps: HttpDeps): Hono {
	const person = signedIn(deps);
	return new Hono()
		.get('/', person, async (c) =>
			c.json(await listAudit(ctxOf(c, deps), parseQuery(c, AuditQuery)))
		)
		.get('/export', person, limited(deps, EXPORT), async (c) => {
			const csv = await exportAudit(ctxOf(c, deps), parseQuery(c, AuditQuery));
			c.header('Content-Disposition', 'attachment; filename="audit-log.csv"');
			c.header('Content-Type', 'text/csv; charset=utf-8');
			return c.body(csv);
		});
}
