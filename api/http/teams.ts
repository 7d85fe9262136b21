import { Hono } from 'hono';
import { TeamSettingsRequest } from '#contract/brand.ts';
import { LIMITS } from '#contract/limits.ts';
import {
	CreateTeamRequest,
	RoleRequest,
	SaveRoleRequest,
	TeamQuery,
	TeamRequest
} from '#contract/members.ts';
import { me } from '../domain/account/me.ts';
import { deleteCustomRole } from '../domain/role/delete.ts';
import { listRoles } from '../domain/role/list.ts';
import { saveCustomRole } from '../domain/role/save.ts';
import { addTeam } from '../domain/team/add.ts';
import { setBrandAvatar } from '../domain/team/set-brand-avatar.ts';
import { updateSettings } from '../domain/team/update.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseBytes, parseJson, parseQuery } from './parse.ts';
import { UPLOAD } from './profile.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const FOUND: Rule = { name: 'new team', burst: 5, everyMs: 60_000 };

/** Mounted at /api/teams. */
export function teamRoutes(deps: HttpDeps): Hono {
	const person = signedIn(deps);
	return new Hono()
		.post('/', person, limited(deps, FOUND), async (c) => {
			await addTeam(ctxOf(c, deps), await parseJson(c, CreateTeamRequest));
			return c.json(await me(deps, c.get('actor').userId));
		})
		.put('/settings', person, async (c) => {
			const input = await parseJson(c, TeamSettingsRequest);
			return c.json(await updateSettings(ctxOf(c, deps), input));
		})
		.put('/avatar', person, limited(deps, UPLOAD), async (c) => {
			const { team } = parseQuery(c, TeamQuery);
			const file = await parseBytes(c, { field: 'picture', max: LIMITS.avatarBytes });
			return c.json(await setBrandAvatar(ctxOf(c, deps), { teamId: team, file }));
		})
		.delete('/avatar', person, async (c) => {
			const { teamId } = await parseJson(c, TeamRequest);
			return c.json(await setBrandAvatar(ctxOf(c, deps), { teamId, file: null }));
		})
		.get('/roles', person, async (c) => {
			const { team } = parseQuery(c, TeamQuery);
			return c.json({ roles: await listRoles(ctxOf(c, deps), { teamId: team }) });
		})
		.put('/roles', person, async (c) => {
			const input = await parseJson(c, SaveRoleRequest);
			return c.json(await saveCustomRole(ctxOf(c, deps), input));
		})
		.delete('/roles', person, async (c) => {
			await deleteCustomRole(ctxOf(c, deps), await parseJson(c, RoleRequest));
			return c.json({});
		});
}
