import { describe, expect, it } from 'vitest';
import type { DoctorResponse, DoctorRow, TestResult } from '#contract/notifications.ts';
import {
	diagnose,
	type Examination,
	examine,
	report,
	settingsNotes
} from '../../src/lib/push/doctor.ts';
import type { BrowserFacts } from '../../src/lib/push/facts.ts';

const KEY = 'SERVER-KEY';
const browser: BrowserFacts = {
	isSecure: true,
	support: 'supported',
	isInstalled: false,
	permission: 'granted',
	worker: 'active',
	workerMs: 4,
	held: {
		endpoint: 'https://push.example/secret-part',
		keys: { p256dh: 'p', auth: 'a' },
		serverKey: KEY
	}
};
const row = (
	layer: DoctorRow['layer'],
	state: DoctorRow['state'] = 'ok',
	remedy: string | null = null
): DoctorRow => ({ layer, state, evidence: `${layer} is ${state}.`, remedy });
const LAYERS = [
	'server record',
	'key match',
	'session',
	'push service',
	'acknowledgement'
] as const;

/** A healthy server, with some rows of another state. */
const server = (...others: DoctorRow[]): DoctorResponse => ({
	health: 'proved',
	rows: [
		...LAYERS.map((layer) => others.find((other) => other.layer === layer) ?? row(layer)),
		...others.filter(({ layer }) => !LAYERS.some((known) => known === layer))
	]
});
const given = (parts: Partial<Examination> = {}): Examination => ({
	deviceName: 'this device',
	browser,
	serverKey: KEY,
	server: server(),
	isCutOff: false,
	test: null,
	...parts
});
const ringTest = (parts: Partial<TestResult>): TestResult => ({
	testId: 't',
	deviceId: 'd',
	dueAt: 1000,
	verdict: 'delivered',
	text: 'Said by the server.',
	status: 201,
	acceptedAt: 1200,
	shownAt: 1800,
	openedAt: null,
	latencyMs: 800,
	didRing: null,
	...parts
});
const NAMES = [
	'Secure page',
	'Installed',
	'Permission',
	'Background worker',
	'Subscription',
	'Key',
	'Server record',
	'Push service',
	'Shown on this device'
];

describe('nine links', () => {
	it('stand in their order, and all hold on a healthy device', () => {
		const links = examine(given());
		expect(links.map(({ name }) => name)).toEqual(NAMES);
		expect(links.map(({ state }) => state)).toEqual(NAMES.map(() => 'ok'));
		expect(diagnose(links, given())).toMatchObject({ kind: 'ok', title: 'Delivered' });
	});

	const without = (parts: Partial<BrowserFacts>) => given({ browser: { ...browser, ...parts } });
	const faults: [string, Examination, string | null][] = [
		['Secure page', without({ isSecure: false, permission: null, worker: 'none' }), null],
		['Installed', without({ support: 'needs-install', held: null }), 'install'],
		['Permission', without({ permission: 'denied', held: null }), 'allow'],
		['Permission', without({ permission: 'default', held: null }), 'register'],
		['Permission', without({ permission: null, support: 'unsupported' }), null],
		['Background worker', without({ worker: 'none', held: null }), 'reload'],
		['Background worker', without({ worker: 'starting', held: null }), 'reload'],
		['Background worker', without({ support: 'unsupported', held: null }), null],
		['Subscription', without({ held: null }), 'register'],
		['Key', given({ serverKey: 'ANOTHER' }), 'register'],
		['Key', given({ server: server(row('key match', 'broken')), serverKey: null }), 'register'],
		['Key', given({ server: 'unknown device', serverKey: null }), 'register'],
		['Server record', given({ server: 'unknown device' }), 'register'],
		['Server record', given({ server: server(row('server record', 'broken')) }), 'register'],
		['Server record', given({ server: server(row('session', 'broken')) }), null],
		['Push service', given({ server: server(row('push service', 'broken')) }), null],
		['Push service', given({ server: server(row('contact', 'broken')) }), null],
		['Push service', given({ test: ringTest({ verdict: 'unreachable' }) }), 'test'],
		['Push service', given({ test: ringTest({ verdict: 'no device' }) }), 'register'],
		['Shown on this device', given({ server: server(row('acknowledgement', 'broken')) }), 'test'],
		[
			'Shown on this device',
			given({ test: ringTest({ verdict: 'not confirmed', didRing: false, latencyMs: null }) }),
			null
		]
	];
	it.each(faults)(
		'%s alone is broken, and what lies behind it waits (%#)',
		(name, facts, remedy) => {
			const links = examine(facts);
			const at = NAMES.indexOf(name);
			expect(links.findIndex(({ state }) => state === 'broken')).toBe(at);
			expect(links[at]).toMatchObject({ name, remedy });
			expect(links.slice(0, at).filter(({ state }) => state !== 'ok')).toEqual([]);
			expect(links.slice(at + 1).every(({ state }) => state === 'waits')).toBe(true);
			expect(diagnose(links, facts)).toMatchObject({
				kind: 'bad',
				title: 'This device cannot be rung',
				text: expect.stringContaining(name)
			});
		}
	);

	it('a waiting link keeps the proof of the past', () => {
		const links = examine(given({ browser: { ...browser, held: null } }));
		expect(links.at(-1)?.finding).toBe('Before: acknowledgement is ok.');
		expect(links.at(-2)?.finding).toBe('Checked after the repair');
	});

	it('a registration that only the server still has was dropped by the browser', () => {
		const [dropped, never] = [server(), 'unknown device' as const].map(
			(from) => examine(given({ server: from, browser: { ...browser, held: null } }))[4]
		);
		expect(dropped?.finding).toContain('dropped');
		expect(never?.finding).toContain('not registered');
	});
});

describe('no more is said than is known', () => {
	it('another device: its browser is not known here, the server’s half is', () => {
		const facts = given({ browser: null, deviceName: 'Shop tablet' });
		const links = examine(facts);
		expect(links.slice(0, 5).every(({ state }) => state === 'unknown')).toBe(true);
		expect(links.slice(5).every(({ state }) => state === 'ok')).toBe(true);
		expect(links.at(-1)?.name).toBe('Shown on Shop tablet');
	});

	it('a silent server leaves its half open instead of blaming the device', () => {
		const facts = given({ server: null, serverKey: null });
		const links = examine(facts);
		expect(links.map(({ state }) => state).slice(5)).toEqual(Array(4).fill('unknown'));
		expect(diagnose(links, facts)).toMatchObject({ kind: 'idle', title: 'Checking' });
		const cut = { ...facts, isCutOff: true };
		expect(diagnose(links, cut)).toMatchObject({ kind: 'idle', title: 'Half checked' });
	});

	it('nothing was ever shown: not proved, not delivered', () => {
		const facts = given({ server: server(row('acknowledgement', 'unknown', 'Send a test.')) });
		expect(diagnose(examine(facts), facts)).toMatchObject({
			kind: 'idle',
			title: 'Not proved yet'
		});
	});

	it('a browser that never registered is no device', () => {
		const facts = given({
			server: 'unknown device',
			browser: { ...browser, permission: 'default', held: null }
		});
		expect(diagnose(examine(facts), facts).title).toBe('No device');
	});

	it('taken but not answered for is not confirmed', () => {
		const facts = given({
			server: server(row('acknowledgement', 'unknown')),
			test: ringTest({ verdict: 'not confirmed', latencyMs: null, shownAt: null })
		});
		const links = examine(facts);
		expect(links.at(-1)).toMatchObject({
			state: 'unknown',
			advice: expect.stringContaining('lose its push service')
		});
		expect(diagnose(links, facts)).toMatchObject({ kind: 'idle', title: 'Not confirmed' });
	});
});

it('a ring test that was answered proves the last two links, with their times', () => {
	const facts = given({ test: ringTest({}) });
	const links = examine(facts);
	expect(links.slice(-2).map(({ tookMs }) => tookMs)).toEqual([200, 800]);
	expect(diagnose(links, facts).title).toBe('Delivered in 0.8 s');
});

it('settings that keep it quiet break no link and are told apart', () => {
	const facts = given({
		server: server(row('quiet hours', 'warning', 'Change them.'), row('preferences'))
	});
	expect(examine(facts).every(({ state }) => state === 'ok')).toBe(true);
	expect(settingsNotes(facts.server).map(({ layer }) => layer)).toEqual(['quiet hours']);
	expect(settingsNotes('unknown device')).toEqual([]);
});

it('the report names every link and no address that could be rung', () => {
	const facts = given({ serverKey: 'ANOTHER' });
	const links = examine(facts);
	const text = report(links, {
		diagnosis: diagnose(links, facts),
		userAgent: 'Firefox/140',
		at: new Date(0),
		notes: [row('quiet hours', 'warning')]
	});
	for (const name of NAMES) expect(text).toContain(name);
	expect(text).toContain('6. Key: broken.');
	expect(text).toContain('quiet hours is warning.');
	expect(text).not.toContain('secret-part');
	expect(text).not.toContain(KEY);
});
