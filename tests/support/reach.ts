import { newId } from '#contract/ids.ts';
import { noteOpened, noteShown } from '../../api/store/push-subscription.ts';
import { insertPushTest, saveDidRing } from '../../api/store/push-test.ts';
import type { TestAgent, TestApp } from './app.ts';

/** A phone of the agent with a registration, on which nothing was shown yet; returns its id. */
export async function ringable(
	app: TestApp,
	agent: TestAgent,
	{ endpoint = `https://fcm.googleapis.com/fcm/send/${newId()}`, deviceId = newId() } = {}
): Promise<string> {
	const { keyId } = await (await agent.get('/api/push/key')).json();
	const answer = await agent.put('/api/push/subscription', {
		deviceId,
		deviceName: 'Phone',
		endpoint,
		keys: { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) },
		keyId,
		isStandalone: true
	});
	if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()} at ${app.clock.now()}`);
	return deviceId;
}

/** The device has shown a push, or opened one, at `at` (milliseconds). */
export async function proved(
	app: TestApp,
	deviceId: string,
	at: number,
	how: 'shown' | 'opened' = 'shown'
): Promise<void> {
	const { person } = app.db;
	const sign = { deviceId, sentAt: null, at };
	if (how === 'shown') await noteShown(person, { ...sign, latencyMs: 400 });
	else await noteOpened(person, sign);
}

/** The person says that a test sent at `at` has rung. */
export async function saidItRang(
	app: TestApp,
	{ userId, deviceId, at }: { userId: string; deviceId: string; at: number }
): Promise<void> {
	const id = newId();
	await insertPushTest(app.db.person, { id, deviceId, ackDigest: Buffer.from(id), sentAt: at });
	await saveDidRing(app.db.person, { id, userId, didRing: true });
}
