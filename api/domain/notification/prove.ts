import type { TeamTx } from '../../store/db.ts';
import { type DeviceRow, devicesOf, markSilent } from '../../store/push-subscription.ts';
import { teamsOfUser } from '../../store/team.ts';
import { findUser, type UserRow } from '../../store/user.ts';
import type { Ctx } from '../context.ts';
import type { Letter } from '../mail/letter.ts';
import { sendMail } from '../mail/send.ts';
import { colleagueName } from '../team/name.ts';
import { adminsOf } from './admins.ts';
import { healthOf } from './health.ts';

/** The job `prove`: a device that has fallen silent is told to its owner and to the admins of the owner's teams, once. */
export async function prove(
	ctx: Ctx<{ kind: 'system' }>,
	{ userId, deviceId, publicOrigin }: { userId: string; deviceId: string; publicOrigin: string }
): Promise<void> {
	const { db } = ctx;
	const now = ctx.now();
	const device = (await devicesOf(db.person, [userId], now)).find(({ id }) => id === deviceId);
	const user = await findUser(db.person, userId);
	if (!device || !user || healthOf(device, now) !== 'silent') return;
	const letter = letterOf(user, device, publicOrigin);
	const told = new Set<string>();
	const tell = async (tx: TeamTx) => {
		tx.changed({ entity: 'member', id: userId });
		for (const to of [user.email, ...(await adminsOf(tx)).map(({ email }) => email)]) {
			if (told.has(to)) continue;
			told.add(to);
			await sendMail({ ...ctx, tx }, { to, ...letter });
		}
	};
	const [first, ...others] = await teamsOfUser(db.person, userId);
	if (first === undefined) return;
	// Together with the mail to the owner: a process that ends here leaves all of it to the next.
	const isNew = await db.team(first, async (tx) => {
		const isMarked = await markSilent(tx, deviceId, now);
		if (isMarked) await tell(tx);
		return isMarked;
	});
	if (isNew) for (const teamId of others) await db.team(teamId, tell);
}

const letterOf = (user: UserRow, { name }: DeviceRow, publicOrigin: string): Letter => ({
	subject: `${name} of ${colleagueName(user)} has fallen silent`,
	paragraphs: [
		`The push service has taken three notifications in a row for ${name} of ${colleagueName(user)}, and none of them was shown, though the app was open on it meanwhile.`,
		'Open Bellhop on that device, go to Notification and send a test: the doctor says what to do.'
	],
	link: { label: 'Open Notification', url: `${publicOrigin}/notification` }
});
