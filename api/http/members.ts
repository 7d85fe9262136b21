import { Hono } from 'hono';
import { MemberRequest, TeamQuery, TeamRequest, UpdateMemberRequest } from '#contract/members.ts';
import { leave } from '../domain/member/leave.ts';
import { listMembers } from '../domain/member/list.ts';
import { remove } from '../domain/member/remove.ts';
import { transferOwnership } from '../domain/member/transfer-ownership.ts';
import { updateGrant } from '../domain/member/update.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/members. */
export function memberRoutes(deps: HttpDeps): Hono {
	const person = signedIn(deps);
	return new Hono()
		.get('/', person, async (c) => {
			const { team } = parseQuery(c, TeamQuery);
			return c.json(await listMembers(ctxOf(c, deps), { teamId: team }));
		})
		.put('/', person, async (c) => {
			await updateGrant(ctxOf(c, deps), await parseJson(c, UpdateMemberRequest));
			return c.json({});
		})
		.delete('/', person, async (c) => {
			await remove(ctxOf(c, deps), await parseJson(c, MemberRequest));
			return c.json({});
		})
		.post('/leave', person, async (c) => {
			await leave(ctxOf(c, deps), await parseJson(c, TeamRequest));
			return c.json({});
		})
		.post('/owner', person, async (c) => {
			await transferOwnership(ctxOf(c, deps), await parseJson(c, MemberRequest));
			return c.json({});
		});
}
