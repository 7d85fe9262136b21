import { isOpenAt } from '#contract/business-hours.ts';
import { closeUncovered, findHours, openUncovered, takeAlert } from '../../store/coverage.ts';
import { membersOfTeam } from '../../store/member.ts';
import { findTeam } from '../../store/team.ts';
import type { Ctx, InTeam } from '../context.ts';
import { sendMail } from '../mail/send.ts';
import { permissionsOf } from '../team/access.ts';
import { agentsThere } from './agents.ts';

/** A reload or a change of shift is no alarm; with the round of the watch it is still told within a minute. */
const ALERT_AFTER_MS = 20_000;

/** Measures whether somebody is there in the team's hours, and tells its admins where nobody is. */
export function watchCoverage(ctx: Ctx, teamId: string): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const hours = await findHours(tx);
		const at = ctx.now();
		const isNeeded = hours !== undefined && isOpenAt(hours, at);
		if (!isNeeded || (await agentsThere(tx, ctx.presence)).length > 0) {
			await closeUncovered(tx, at);
			return;
		}
		await openUncovered(tx, { id: ctx.newId(), at });
		if (await takeAlert(tx, { at, before: at - ALERT_AFTER_MS })) await tellAdmins({ ...ctx, tx });
	});
}

async function tellAdmins(ctx: InTeam<Ctx>): Promise<void> {
	const team = await findTeam(ctx.tx);
	const members = await membersOfTeam(ctx.tx);
	const admins = members.filter(({ role, customPermissions }) =>
		permissionsOf(role, customPermissions).has('team.manage')
	);
	for (const { email } of admins)
		await sendMail(ctx, {
			to: email,
			subject: `Nobody is online for ${team?.name ?? 'your team'}`,
			paragraphs: [
				'It is business hours, and no agent is online. Visitors read that nobody is there and are asked for an email address.',
				'It ends as soon as one agent goes online.'
			]
		});
}
