import type { Enqueue } from '../jobs/enqueue.ts';
import type { Db } from '../store/db.ts';
import {
	claimTelling,
	endAlarm,
	raiseAlarm,
	takesOthers,
	teamsOfPushService
} from '../store/push-alarm.ts';
import type { Alarms } from './sender.ts';

/**
 * A service that took another device's push within this time does not refuse this server. Longer ago proves nothing:
 * the refusals may have begun meanwhile, and would cost every device its registration one by one.
 */
const RECENT_MS = 30_000;
/** A service that comes and goes is told about once an hour. */
const TELL_AGAIN_MS = 3_600_000;
/** The server's own jobs belong to no team. */
const NO_TEAM = '00000000-0000-0000-0000-000000000000';

/** Keeps in the database which push services refuse this server, and has the owners whom it concerns told once. */
export const createAlarms = ({
	db,
	now,
	enqueue
}: {
	db: Db;
	now(): number;
	enqueue: Enqueue;
}): Alarms => ({
	raise: (alarm) =>
		db.team(NO_TEAM, async (tx) => {
			const { service } = alarm;
			const at = now();
			await raiseAlarm(tx, { ...alarm, at });
			if (!(await claimTelling(tx, { service, at, againAfterMs: TELL_AGAIN_MS }))) return;
			for (const teamId of await teamsOfPushService(tx, service))
				await enqueue(tx, { name: 'alarm', data: { teamId, service } });
		}),
	end: (service) => endAlarm(db.person, { service, at: now() }),
	takesOthers: (service, deviceId) =>
		takesOthers(db.person, { service, deviceId, since: now() - RECENT_MS })
});
