import { closesAt } from '#contract/business-hours.ts';
import type { BusinessHours } from '#contract/coverage.ts';
import { openSpan } from '../../store/coverage.ts';
import { insertTakeOverEvent } from '../../store/take-over.ts';
import { findTeam } from '../../store/team.ts';
import type { Ctx, InTeam } from '../context.ts';
import type { Letter } from '../mail/letter.ts';
import { sendMail } from '../mail/send.ts';
import { adminsOf } from '../notification/admins.ts';

/** Rings the admins, as each has it set, and mails them: nobody is there in business hours. */
export async function tellAdmins(
	ctx: InTeam<Ctx>,
	{ hours, publicOrigin }: { hours: BusinessHours; publicOrigin: string }
): Promise<void> {
	const team = await findTeam(ctx.tx);
	const span = await openSpan(ctx.tx);
	if (!team || !span) return;
	const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: hours.timeZone });
	const end = closesAt(hours, ctx.now());
	const until = end === null ? 'go on' : `go on until ${clock.format(end)}`;
	const letter: Letter = {
		subject: `Nobody is online for ${team.name}`,
		paragraphs: [
			`Since ${clock.format(span.from)} no agent of ${team.name} has been online, and business hours ${until} (${hours.timeZone}).`,
			'Visitors read that nobody is there and are asked for an email address. It ends as soon as one agent goes online.'
		],
		link: { label: 'Open coverage', url: `${publicOrigin}/coverage?team=${ctx.tx.teamId}` }
	};
	const admins = await adminsOf(ctx.tx);
	for (const { email } of admins) await sendMail(ctx, { to: email, ...letter });
	const eventId = ctx.newId();
	const userIds = admins.map(({ userId }) => userId);
	await insertTakeOverEvent(ctx.tx, { id: eventId, userIds, byId: null, at: ctx.now() });
	await ctx.enqueue(ctx.tx, { name: 'ask', data: { teamId: ctx.tx.teamId, eventId } });
}
