import { deleteDevices } from '../../store/device.ts';
import { deleteSession } from '../../store/session.ts';
import type { AgentCtx } from '../context.ts';

/**
 * Ends the session and forgets the browser: its device record and push subscription.
 * Returns the ids of the devices that are no more.
 */
export function signOut(ctx: AgentCtx, input: { deviceId: string | null }): Promise<string[]> {
	const { userId, sessionDigest } = ctx.actor;
	return ctx.db.personTx(async (tx) => {
		const devices = await deleteDevices(tx, { userId, id: input.deviceId, sessionDigest });
		await deleteSession(tx, sessionDigest);
		return devices;
	});
}
