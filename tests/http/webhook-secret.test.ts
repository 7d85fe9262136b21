import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DryRunResponse, TeamNotificationSettings } from '#contract/notifications.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app?.close());

const WEBHOOK = {
	isLadderOn: true,
	everyoneAfterS: 30,
	adminsAfterS: 120,
	tellBy: 'webhook',
	webhookUrl: 'https://hooks.example.com/bellhop',
	maxPrivacy: 'full'
} as const;

const save = async (owner: TestAgent, more = {}): Promise<TeamNotificationSettings> => {
	const wanted = { ...WEBHOOK, teamId: owner.team.id, ...more };
	const answer = await owner.put('/api/notifications/team', wanted);
	expect(answer.status).toBe(200);
	return (await answer.json()) as TeamNotificationSettings;
};

const read = async (owner: TestAgent): Promise<TeamNotificationSettings> => {
	const answer = await owner.get(`/api/notifications/team?team=${owner.team.id}`);
	expect(answer.status).toBe(200);
	return (await answer.json()) as TeamNotificationSettings;
};

/** As after a change of SECRET_KEY. */
async function unreadable() {
	const owner = await app.signedInAgent({ role: 'owner' });
	await save(owner);
	await app.db.team(owner.team.id, (tx) =>
		tx.run(sql`update notification_team_settings set webhook_secret = 'sealed by another key'
			where team_id = ${owner.team.id}`)
	);
	return owner;
}

test('a secret that cannot be read keeps nobody from the settings, which say so', async () => {
	const owner = await unreadable();
	expect(await read(owner)).toMatchObject({
		...{ webhookUrl: WEBHOOK.webhookUrl, webhookSecret: null },
		isSecretUnreadable: true
	});
	expect(await save(owner, { everyoneAfterS: 60 })).toMatchObject({
		...{ everyoneAfterS: 60, webhookSecret: null },
		isSecretUnreadable: true
	});
});

test('a dry run says that the webhook is not called, and who gets mail instead', async () => {
	const owner = await unreadable();
	const query = new URLSearchParams({ team: owner.team.id, bot: owner.team.botId });
	const answer = await owner.get(`/api/notifications/dry-run?${query}`);
	const { rows } = (await answer.json()) as DryRunResponse;
	expect(rows).toContainEqual(
		expect.objectContaining({
			...{ name: 'The webhook', isRung: false },
			rule: 'webhook: its secret cannot be read'
		})
	);
	expect(rows.at(-1)?.rule).toMatch(/^email to admins/);
});

test('it is renewed for the same address where that is asked for, and then reads as any other', async () => {
	const owner = await unreadable();
	const { webhookSecret, isSecretUnreadable } = await save(owner, { isSecretRenewed: true });
	expect(webhookSecret).toMatch(/^whsec_/);
	expect(isSecretUnreadable).toBeUndefined();
	expect((await read(owner)).webhookSecret).toBe(webhookSecret);
	expect((await save(owner)).webhookSecret).toBe(webhookSecret);
});
