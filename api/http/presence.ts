import { Hono } from 'hono';
import {
	CoverageQuery,
	HoursRequest,
	LeasesRequest,
	TakeOverDecline,
	TakeOverRequest
} from '#contract/coverage.ts';
import {
	AutoReturnRequest,
	BeatRequest,
	DayQuery,
	IntentRequest,
	LeaveRequest,
	LedgerQuery,
	ReachQuery,
	SetOfflineRequest,
	TeamDayQuery
} from '#contract/presence.ts';
import { readCoverage } from '../domain/coverage/read.ts';
import { setHours } from '../domain/coverage/set-hours.ts';
import { askToTakeOver, declineTakeOver } from '../domain/coverage/take-over.ts';
import { readDay, readTeamDay } from '../domain/presence/read-day.ts';
import { exportLedger, readLedger } from '../domain/presence/read-ledger.ts';
import { readReach } from '../domain/presence/read-reach.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { requireSamePerson } from './same-person.ts';
import { signedIn } from './session.ts';

/** A device beats every 25 s, and at once on every change of visibility. */
const BEAT: Rule = { name: 'beat', burst: 120, everyMs: 500 };
const EXPORT: Rule = { name: 'presence export', burst: 5, everyMs: 60_000 };
/** Each rings somebody. */
const ASK: Rule = { name: 'take-over', burst: 10, everyMs: 30_000 };
const INTENT: Rule = { name: 'intent', burst: 30, everyMs: 2_000 };

/** Mounted at /api/presence. */
export function presenceRoutes(deps: HttpDeps): Hono {
	const { presence } = deps;
	return new Hono()
		.post('/beat', signedIn(deps), limited(deps, BEAT), async (c) => {
			const request = await parseJson(c, BeatRequest);
			requireSamePerson(c.get('actor'), request.userId);
			return c.json(await presence.beat(c.get('actor').userId, request));
		})
		.post('/leave', signedIn(deps), limited(deps, BEAT), async (c) => {
			presence.leave(c.get('actor').userId, await parseJson(c, LeaveRequest, 'text/plain'));
			return c.body(null, 204);
		})
		.put('/intent', signedIn(deps), limited(deps, INTENT), async (c) => {
			const input = await parseJson(c, IntentRequest);
			requireSamePerson(c.get('actor'), input.userId);
			return c.json({ presence: await presence.setIntent(ctxOf(c, deps), input) });
		})
		.put('/offline', signedIn(deps), limited(deps, INTENT), async (c) => {
			const input = await parseJson(c, SetOfflineRequest);
			return c.json({ presence: await presence.setOffline(ctxOf(c, deps), input) });
		})
		.put('/auto-return', signedIn(deps), limited(deps, INTENT), async (c) => {
			const { isAutoReturn } = await parseJson(c, AutoReturnRequest);
			await presence.setAutoReturn(ctxOf(c, deps), isAutoReturn);
			return c.json({ isAutoReturn });
		})
		.get('/ledger', signedIn(deps), async (c) => {
			const rows = await readLedger(ctxOf(c, deps), parseQuery(c, LedgerQuery));
			return c.json({ rows });
		})
		.get('/ledger/export', signedIn(deps), limited(deps, EXPORT), async (c) => {
			const csv = await exportLedger(ctxOf(c, deps), parseQuery(c, LedgerQuery));
			c.header('Content-Disposition', 'attachment; filename="presence.csv"');
			c.header('Content-Type', 'text/csv; charset=utf-8');
			return c.body(csv);
		})
		.get('/day', signedIn(deps), async (c) =>
			c.json(await readDay(ctxOf(c, deps), parseQuery(c, DayQuery)))
		)
		.get('/team-day', signedIn(deps), async (c) =>
			c.json(await readTeamDay(ctxOf(c, deps), parseQuery(c, TeamDayQuery)))
		)
		.get('/reach', signedIn(deps), async (c) =>
			c.json(await readReach(ctxOf(c, deps), parseQuery(c, ReachQuery)))
		)
		.get('/coverage', signedIn(deps), async (c) =>
			c.json(await readCoverage(ctxOf(c, deps), parseQuery(c, CoverageQuery)))
		)
		.post('/take-over', signedIn(deps), limited(deps, ASK), async (c) =>
			c.json(await askToTakeOver(ctxOf(c, deps), await parseJson(c, TakeOverRequest)))
		)
		.delete('/take-over', signedIn(deps), limited(deps, INTENT), async (c) => {
			await declineTakeOver(ctxOf(c, deps), await parseJson(c, TakeOverDecline));
			return c.json({});
		})
		.put('/hours', signedIn(deps), limited(deps, INTENT), async (c) => {
			await setHours(ctxOf(c, deps), await parseJson(c, HoursRequest));
			return c.json({});
		})
		.put('/leases', signedIn(deps), limited(deps, INTENT), async (c) => {
			await presence.setLeases(ctxOf(c, deps), await parseJson(c, LeasesRequest));
			return c.json({});
		});
}
