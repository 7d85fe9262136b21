import type { PushAlarm } from '#contract/notifications.ts';
import { membersOfTeam } from '../../store/member.ts';
import { listAlarms } from '../../store/push-alarm.ts';
import type { Ctx } from '../context.ts';
import type { Letter } from '../mail/letter.ts';
import { sendMail } from '../mail/send.ts';

/** The job `alarm`: tells a team's owners that a push service refuses this server, if it still does. */
export async function tellAlarm(
	ctx: Ctx<{ kind: 'system' }>,
	{ teamId, service, publicOrigin }: { teamId: string; service: string; publicOrigin: string }
): Promise<void> {
	const [alarm] = await listAlarms(ctx.db.person, service);
	if (!alarm) return;
	const letter = letterOf(alarm, `${publicOrigin}/reachability?team=${teamId}`);
	await ctx.db.team(teamId, async (tx) => {
		const owners = (await membersOfTeam(tx)).filter(({ role }) => role === 'owner');
		for (const { email } of owners) await sendMail({ ...ctx, tx }, { to: email, ...letter });
	});
}

/** Whose service it is, by the end of its host. */
const OPERATORS: [string, string][] = [
	['push.apple.com', 'Apple'],
	['.google.com', 'Google'],
	['.googleapis.com', 'Google'],
	['.mozilla.com', 'Mozilla'],
	['.windows.com', 'Microsoft']
];

const operatorOf = (service: string): string =>
	OPERATORS.find(([end]) => service.endsWith(end))?.[1] ?? service;

function letterOf({ service, what, reason, since }: PushAlarm, url: string): Letter {
	const who = operatorOf(service);
	const said = reason ? `${what}: ${reason}` : what;
	return {
		subject: `${who} refuses Bellhop’s notifications`,
		paragraphs: [
			`Since ${new Date(since).toUTCString()} the push service ${service} has refused what this Bellhop sends (${said}). Phones and browsers that it reaches do not ring.`,
			remedyOf(said),
			'No registration was given up for it. This mail comes once; the page Reachability says when the service takes notifications again.'
		],
		link: { label: 'Open Reachability', url }
	};
}

function remedyOf(said: string): string {
	if (said.includes('VapidPkHashMismatch'))
		return 'The registrations were made with another server key. Start Bellhop with the database and the SECRET_KEY that it had then, or have everybody press Re-enable notifications on their devices.';
	if (/\b40[13]\b|JwtToken/.test(said))
		return 'Whoever runs this Bellhop should check that the server’s clock is right and that CONTACT names a real mailto: or https: address, then send a test from Reachability.';
	return 'The server’s log tells whoever runs this Bellhop more.';
}
