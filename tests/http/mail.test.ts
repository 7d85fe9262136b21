import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { DryRunResponse, WhyResponse } from '#contract/notifications.ts';
import { sendMail } from '../../api/domain/mail/send.ts';
import { mailsOfTeam } from '../../api/store/mail.ts';
import { sql } from '../../api/store/sql.ts';
import { isOperator } from '../../api/store/user.ts';
import { type TestAgent, type TestApp, type TestTeam, testApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';

const PASSWORD = 'seven wet umbrellas';
const SLOW = { timeout: 60_000, interval: 50 };
const stops: (() => unknown)[] = [];
afterEach(async () => {
	for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
});

interface Received {
	from: string;
	to: string[];
	text: string;
}

/** A mail server on loopback; `refuse` says what it answers to a recipient. */
async function mailServer(refuse: (to: string) => Error | undefined = () => undefined) {
	const received: Received[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['STARTTLS', 'AUTH'],
		onRcptTo: ({ address }, _, done) => done(refuse(address)),
		onData(stream, { envelope }, done) {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				received.push({
					from: envelope.mailFrom ? envelope.mailFrom.address : '',
					to: envelope.rcptTo.map(({ address }) => address),
					text: Buffer.concat(chunks).toString()
				});
				done();
			});
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server.server, 'listening');
	stops.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
	const { port } = server.server.address() as AddressInfo;
	return { received, smtpUrl: `smtp://127.0.0.1:${port}` };
}

async function start(mail: { smtpUrl?: string }): Promise<{ app: TestApp; team: TestTeam }> {
	const app = await testApp({ mail });
	stops.push(() => app.close());
	return { app, team: await app.newTeam() };
}

const letter = {
	subject: 'Grüße an <Ann>',
	paragraphs: ['Hello <b>you</b> & "them".'],
	link: { label: 'Open it', url: 'http://localhost:3000/invitation#key' }
};

const post = ({ app, team }: { app: TestApp; team: TestTeam }, to: string) =>
	app.db.team(team.id, (tx) =>
		sendMail({ ...app.deps, actor: { kind: 'system' }, tx }, { to, ...letter })
	);
const left = ({ app, team }: { app: TestApp; team: TestTeam }) =>
	app.db.team(team.id, (tx) => mailsOfTeam(tx, 10));

describe('with a mail server', () => {
	test('a mail arrives once, plain and as HTML, and nothing of it is kept', async () => {
		const { received, smtpUrl } = await mailServer();
		const world = await start({ smtpUrl });
		await post(world, 'ann@example.com');
		await vi.waitFor(async () => expect(await left(world)).toEqual([]), SLOW);
		expect(received).toHaveLength(1);
		const { from, to, text } = received[0] as Received;
		expect({ from, to }).toEqual({ from: 'bellhop@example.com', to: ['ann@example.com'] });
		expect(text).toMatch(/^From: Bellhop <bellhop@example.com>/m);
		expect(text).toMatch(/^Content-Type: multipart\/alternative/m);
		expect(text).toMatch(/text\/plain[\s\S]*Hello <b>you<\/b> & "them"[\s\S]*invitation#key/);
		expect(text).toContain('Hello &lt;b&gt;you&lt;/b&gt; &amp;');
		expect(text).not.toMatch(/<img|<script|https?:\/\/(?!localhost)/);
	});

	test('an unanswered chat’s trail says which mail to the admins has left, and which was refused', async () => {
		const unknown = Object.assign(new Error('No such mailbox'), { responseCode: 550 });
		let refused = '';
		const { smtpUrl } = await mailServer((to) => (to === refused ? unknown : undefined));
		const { app, team } = await start({ smtpUrl });
		const owner = await app.signedInAgent({ team, role: 'owner' });
		refused = owner.email;
		const conversationId = newId();
		await callPerson(await app.newVisitor({ team }), conversationId);
		const { id: ladderId } = await app.db.team(team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from ladders where team_id = ${team.id}`)
		);
		for (const ms of [30_000, 90_000]) {
			app.clock.advance(ms);
			await app.deps.push.climb({ teamId: team.id, ladderId });
		}
		const query = new URLSearchParams({ team: team.id, conversation: conversationId });
		await vi.waitFor(async () => {
			const answer = await owner.get(`/api/notifications/why?${query}`);
			const texts = WhyResponse.parse(await answer.json()).rows.map(({ text }) => text);
			expect(texts).toContain('A mail to an admin has left.');
			expect(texts).toContain('A mail to an admin was not delivered: the mail server said 550.');
		}, SLOW);
		const bots = new URLSearchParams({ team: team.id, bot: team.botId });
		const { rows } = DryRunResponse.parse(
			await (await owner.get(`/api/notifications/dry-run?${bots}`)).json()
		);
		expect(rows.at(-1)).toMatchObject({ isRung: true, rule: 'email to admins' });
		const settings = await owner.get(`/api/notifications/team?team=${team.id}`);
		expect(await settings.json()).toMatchObject({ isMailServerSet: true });
	});

	test('an address that is made to look like several goes to nobody else', async () => {
		const { received, smtpUrl } = await mailServer();
		const world = await start({ smtpUrl });
		await post(world, 'ann@example.com,eve@example.com');
		await post(world, 'last@example.com');
		await vi.waitFor(
			() => expect(received.flatMap(({ to }) => to)).toContain('last@example.com'),
			SLOW
		);
		expect(received.flatMap(({ to }) => to)).not.toContain('eve@example.com');
	});

	test('a server that is busy is asked again until it takes the mail', async () => {
		let asked = 0;
		const busy = Object.assign(new Error('Busy'), { responseCode: 451 });
		const { received, smtpUrl } = await mailServer(() => (asked++ === 0 ? busy : undefined));
		const world = await start({ smtpUrl });
		await post(world, 'ann@example.com');
		await vi.waitFor(
			async () =>
				expect(await left(world)).toMatchObject([{ problem: expect.stringContaining('Busy') }]),
			SLOW
		);
		await vi.waitFor(() => expect(received).toHaveLength(1), SLOW);
	});

	test('a mail that no server takes is given up after the last attempt, and the owner reads why', async () => {
		const busy = Object.assign(new Error('Busy'), { responseCode: 451 });
		const { received, smtpUrl } = await mailServer(() => busy);
		const world = await start({ smtpUrl });
		const { app, team } = world;
		await app.db.person.executeSql(
			`update pgboss.queue set retry_limit = 1, retry_delay = 1 where name = 'mail'`
		);
		await post(world, 'ann@example.com');
		const owner = await app.signedInAgent({ team, role: 'owner' });
		await vi.waitFor(
			async () =>
				expect(await (await owner.get(`/api/mails?team=${team.id}`)).json()).toMatchObject({
					mails: [{ state: 'failed', problem: expect.stringContaining('Busy') }]
				}),
			SLOW
		);
		expect(received).toEqual([]);
	});

	test('a refusal for good is kept with the server’s words', async () => {
		const unknown = Object.assign(new Error('No such mailbox'), { responseCode: 550 });
		const { received, smtpUrl } = await mailServer(() => unknown);
		const world = await start({ smtpUrl });
		await post(world, 'nobody@example.com');
		await vi.waitFor(
			async () =>
				expect(await left(world)).toMatchObject([
					{ state: 'failed', problem: expect.stringContaining('No such mailbox') }
				]),
			SLOW
		);
		expect(received).toEqual([]);
	});
});

describe('without a mail server', () => {
	test('a mail is kept, and only an owner of the team reads it', async () => {
		const world = await start({});
		const { app, team } = world;
		await post(world, 'ann@example.com');
		await vi.waitFor(
			async () => expect(await left(world)).toMatchObject([{ state: 'kept' }]),
			SLOW
		);
		const owner = await app.signedInAgent({ team, role: 'owner' });
		expect(await (await owner.get(`/api/mails?team=${team.id}`)).json()).toMatchObject({
			isMailServerSet: false,
			mails: [{ recipient: 'ann@example.com', subject: letter.subject, state: 'kept' }]
		});
		const admin = await app.signedInAgent({ team, role: 'admin' });
		expect((await admin.get(`/api/mails?team=${team.id}`)).status).toBe(403);
		const stranger = await app.signedInAgent({ role: 'owner' });
		expect((await stranger.get(`/api/mails?team=${team.id}`)).status).toBe(404);
		expect(await (await stranger.get(`/api/mails?team=${stranger.team.id}`)).json()).toMatchObject({
			mails: []
		});
	});

	test('a mail about an account is read by no owner of its team, but by whoever runs the server', async () => {
		const app = await testApp({ mail: {} });
		stops.push(() => app.close());
		// Made first: the install's operator, in a team of their own.
		const operatorTeam = await app.newTeam();
		const operator = await app.signedInAgent({ team: operatorTeam, role: 'owner' });
		await app.db.person.run(sql`update users set is_operator = id = ${operator.userId}`);
		const agent = await app.signedInAgent({ password: PASSWORD });
		const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
		const email = `new-${agent.userId}@example.com`;
		await agent.put('/api/profile/email', { email, password: PASSWORD });
		const read = async (by: TestAgent, teamId = by.team.id) =>
			(await (await by.get(`/api/mails?team=${teamId}`)).json()).mails;
		await vi.waitFor(
			async () =>
				expect(await read(operator)).toMatchObject([
					{ recipient: email, state: 'kept', text: expect.stringMatching(/confirm-email#/) }
				]),
			SLOW
		);
		expect(await read(owner)).toEqual([]);
		expect((await agent.get(`/api/mails?team=${agent.team.id}`)).status).toBe(403);
	});

	test('the operator is who made the first account, and nobody after', async () => {
		const app = await testApp();
		stops.push(() => app.close());
		const [first, second] = [await app.newUser(), await app.newUser()];
		expect(await isOperator(app.db.person, first.id)).toBe(true);
		expect(await isOperator(app.db.person, second.id)).toBe(false);
	});

	test('a cause that is undone sends nothing', async () => {
		const world = await start({});
		const { app, team } = world;
		const undone = app.db.team(team.id, async (tx) => {
			await sendMail(
				{ ...app.deps, actor: { kind: 'system' }, tx },
				{ to: 'a@example.com', ...letter }
			);
			throw new Error('undone');
		});
		await expect(undone).rejects.toThrow('undone');
		expect(await left(world)).toEqual([]);
	});
});
