import { newId } from '#contract/ids.ts';
import type { PushDevice, PushPayload } from '#contract/push.ts';
import { noteAccepted } from '../../../api/store/push-subscription.ts';
import { sql } from '../../../api/store/sql.ts';
import type { TestAgent, TestApp, TestTeam } from '../app.ts';
import { createReceiver } from './receiver.ts';
import type { PushServices } from './services.ts';

export interface Device {
	id: string;
	endpoint: string;
	/** What it was sent, decrypted. */
	received(): PushPayload[];
	/** What the app does at every open, and with `isEnabling` when the person presses *Enable*. */
	save(how?: { isEnabling: boolean }): Promise<void>;
	/** Answers to the next pushes. */
	answers: NonNullable<ReturnType<PushServices['mozilla']['find']>>['answers'];
}

/** A browser of the agent that registered with Mozilla's push service. */
export async function deviceOf(
	services: PushServices,
	agent: TestAgent,
	given: { key?: string; name?: string } = {}
): Promise<Device> {
	const { publicKey, keyId } = (await (await agent.get('/api/push/key')).json()) as Record<
		string,
		string
	>;
	const receiver = createReceiver();
	const endpoint = services.mozilla.register(given.key ?? publicKey ?? '');
	const registration = services.mozilla.find(endpoint);
	if (!registration) throw new Error('not registered');
	const id = newId();
	const save = async (how = {}) => {
		const answer = await agent.put('/api/push/subscription', {
			deviceId: id,
			deviceName: given.name ?? 'Firefox on Linux',
			endpoint,
			keys: receiver.keys,
			keyId,
			isStandalone: false,
			...how
		});
		if (!answer.ok) throw new Error(await answer.text());
	};
	await save();
	return {
		id,
		endpoint,
		save,
		received: () => registration.taken.map(({ body }) => JSON.parse(receiver.decrypt(body))),
		answers: registration.answers
	};
}

/** The agent's devices, as the Notification page reads them. */
export async function devicesOf(agent: TestAgent): Promise<PushDevice[]> {
	const state = (await (await agent.get('/api/push/state')).json()) as { devices: PushDevice[] };
	return state.devices;
}

/** The device's push service takes three pushes, and nobody hears of them again. */
export async function missThree(app: TestApp, deviceId: string): Promise<void> {
	const now = app.clock.now();
	const push = { deviceId, deadline: now + 900_000, isConfirmed: false };
	for (let n = 0; n < 3; n++) await noteAccepted(app.db.person, [push], now);
}

export interface LedgerLine {
	eventId: string;
	kind: string;
	userId: string;
	deviceId: string | null;
	action: string;
	rule: string;
	state: string;
	status: number | null;
	attempts: number;
	dueAt: number;
}

/** Every row of the team's ledger, in order. */
export const ledger = (app: TestApp, team: TestTeam): Promise<LedgerLine[]> =>
	app.db.team(team.id, (tx) =>
		tx.many(sql`
			select d.event_id as "eventId", e.kind, d.user_id as "userId", d.device_id as "deviceId",
				d.action, d.rule, d.state, d.status, d.attempts, d.due_at as "dueAt"
			from notification_deliveries d
			join notification_events e on e.team_id = d.team_id and e.id = d.event_id
			where d.team_id = ${team.id} order by d.decided_at, d.id`)
	);
