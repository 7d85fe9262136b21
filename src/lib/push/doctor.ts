import type { DoctorResponse, DoctorRow, TestResult } from '#contract/notifications.ts';
import { UNSHOWN_REMEDY } from '#contract/proof.ts';
import type { BrowserFacts } from './facts.ts';

/** What mends a link: the page has a button or steps for each. */
export type Remedy = 'install' | 'allow' | 'register' | 'reload' | 'test';

/** One link of the way from the server to the eye. `waits`: behind a broken one. */
export interface Link {
	name: string;
	state: 'ok' | 'broken' | 'unknown' | 'waits';
	finding: string;
	/** What to do, in words; null where nothing is to be done. */
	advice: string | null;
	remedy: Remedy | null;
	/** How long it took, in milliseconds, where that was measured. */
	tookMs: number | null;
}

export interface Examination {
	/** "this device", or another one's name. */
	deviceName: string;
	/** Null for another device than this one: only it can tell. */
	browser: BrowserFacts | null;
	/** The server's key; null while it is not known. */
	serverKey: string | null;
	/** `unknown device`: the server has never heard of it; null: it has not answered. */
	server: DoctorResponse | 'unknown device' | null;
	/** It could not be asked. */
	isCutOff: boolean;
	/** The newest ring test. */
	test: TestResult | null;
}

type Finding = Pick<Link, 'state' | 'finding'> &
	Partial<Pick<Link, 'advice' | 'remedy' | 'tookMs'>>;

const ok = (finding: string, tookMs: number | null = null): Finding => ({
	state: 'ok',
	finding,
	tookMs
});
const broken = (finding: string, rest: Partial<Finding> = {}): Finding => ({
	...rest,
	state: 'broken',
	finding
});
const unknown = (finding: string, rest: Partial<Finding> = {}): Finding => ({
	...rest,
	state: 'unknown',
	finding
});

const ELSEWHERE = unknown('Only that device can tell. Open the doctor on it to know.');
const UNASKED = unknown('The server has not answered yet.');

/** The nine links in order. Behind the first broken one every link waits, whatever else is known of it. */
export function examine(given: Examination): Link[] {
	const { deviceName, browser } = given;
	const own = (look: (facts: BrowserFacts) => Finding) => (browser ? look(browser) : ELSEWHERE);
	const found: [string, Finding][] = [
		['Secure page', own(secure)],
		['Installed', own(installed)],
		['Permission', own(permission)],
		['Background worker', own(worker)],
		['Subscription', own((facts) => subscription(facts, given))],
		['Key', key(given)],
		['Server record', record(given)],
		['Push service', service(given)],
		[`Shown on ${deviceName}`, shown(given)]
	];
	const end = found.findIndex(([, { state }]) => state === 'broken');
	return found.map(([name, finding], index) => {
		const link = { name, advice: null, remedy: null, tookMs: null, ...finding };
		if (end === -1 || index <= end) return link;
		return { ...link, ...waiting, finding: waitingText(link) };
	});
}

const waiting = { state: 'waits', advice: null, remedy: null, tookMs: null } as const;

/** A proof of the past stays worth telling. */
const waitingText = ({ state, finding, name }: Link): string =>
	state === 'ok' && name.startsWith('Shown') ? `Before: ${finding}` : 'Checked after the repair';

const secure = ({ isSecure }: BrowserFacts): Finding =>
	isSecure
		? ok('Loaded over a connection that browsers trust')
		: broken('This address is not secure, and browsers notify from secure pages alone.', {
				advice: 'Open Bellhop at its https address.'
			});

function installed({ support, isInstalled }: BrowserFacts): Finding {
	if (support === 'needs-install')
		return broken('On this phone only the installed app can ring.', { remedy: 'install' });
	return ok(
		isInstalled ? 'Runs as an app on this device' : 'Runs in the browser, which is enough here'
	);
}

function permission({ permission: state }: BrowserFacts): Finding {
	if (state === null)
		return broken('This browser has no notifications.', {
			advice: 'Open Bellhop in another browser, or on your phone.'
		});
	if (state === 'denied')
		return broken('This browser blocks notifications. Three taps allow them.', {
			remedy: 'allow'
		});
	if (state === 'default')
		return broken('This browser has not been asked yet.', { remedy: 'register' });
	return ok('This browser allows notifications');
}

function worker({ worker: state, workerMs, support }: BrowserFacts): Finding {
	if (support === 'unsupported')
		return broken('This browser has no push notifications.', {
			advice: 'Open Bellhop in another browser, or outside a private window.'
		});
	if (state === 'active') return ok('Installed and active', workerMs < 50 ? null : workerMs);
	return state === 'starting'
		? broken('It is still being installed.', { remedy: 'reload' })
		: broken('It is not installed. A private window or blocked storage prevents it.', {
				remedy: 'reload'
			});
}

function subscription({ held }: BrowserFacts, { server }: Examination): Finding {
	if (held) return ok(`Registered with ${hostOf(held.endpoint)}`);
	const wasHeld = typeof server === 'object' && server?.rows.some(isRecordOk);
	return wasHeld
		? broken('The browser dropped it. This happens after clearing data.', { remedy: 'register' })
		: broken('This browser is not registered.', { remedy: 'register' });
}

const isRecordOk = ({ layer, state }: DoctorRow): boolean =>
	layer === 'server record' && state === 'ok';

function key({ browser, serverKey, ...rest }: Examination): Finding {
	const heldKey = browser?.held?.serverKey;
	if (!heldKey || !serverKey) return rowOf(rest, 'key match');
	return heldKey === serverKey
		? ok('Made with this server’s key')
		: broken('The registration was made with another key.', { remedy: 'register' });
}

function record(given: Examination): Finding {
	const session = rowOf(given, 'session');
	const own = rowOf(given, 'server record');
	return own.state === 'ok' && session.state === 'broken' ? session : own;
}

function service(given: Examination): Finding {
	const { test } = given;
	const contact = given.server ? rowOf(given, 'contact', ok('')) : UNASKED;
	if (contact.state === 'broken') return contact;
	if (test?.verdict === 'unreachable') return broken(test.text, { remedy: 'test' });
	if (test?.verdict === 'no device') return broken(test.text, { remedy: 'register' });
	if (!test?.acceptedAt) return rowOf(given, 'push service');
	const tookMs = Math.max(0, test.acceptedAt - test.dueAt);
	return ok(`Took the ring test after ${seconds(tookMs)}`, tookMs);
}

function shown(given: Examination): Finding {
	const { test } = given;
	if (test?.verdict === 'delivered')
		return ok(
			test.latencyMs === null ? test.text : `Shown ${seconds(test.latencyMs)} after it was sent`,
			test.latencyMs
		);
	if (test?.didRing === false)
		return broken('You say that it did not ring, though the push service took it.', {
			advice: UNSHOWN_REMEDY
		});
	if (test?.verdict === 'not confirmed')
		return unknown('The push service took it, and the device has not said that it showed it.', {
			advice: UNSHOWN_REMEDY
		});
	return rowOf(given, 'acknowledgement');
}

/** What the server found about a layer. `none`: where it has nothing to say of it. */
function rowOf(
	{ server }: Pick<Examination, 'server'>,
	layer: DoctorRow['layer'],
	none: Finding = UNASKED
): Finding {
	if (server === null) return UNASKED;
	if (server === 'unknown device')
		return broken('The server does not know this device.', { remedy: 'register' });
	const row = server.rows.find((one) => one.layer === layer);
	if (!row) return none;
	const { evidence, remedy: advice, state } = row;
	if (state === 'ok') return ok(evidence);
	if (state === 'broken') return broken(evidence, { advice, remedy: REMEDIES[layer] ?? null });
	return unknown(evidence, { advice });
}

/** What this page can do itself about a layer that the server finds broken. */
const REMEDIES: Partial<Record<DoctorRow['layer'], Remedy>> = {
	'server record': 'register',
	'key match': 'register',
	acknowledgement: 'test'
};

export interface Diagnosis {
	kind: 'ok' | 'bad' | 'idle';
	title: string;
	text: string;
}

/** The verdict over the links: never more than is known. */
export function diagnose(links: readonly Link[], given: Examination): Diagnosis {
	const { deviceName, server, test } = given;
	const fault = links.find(({ state }) => state === 'broken');
	if (fault) return { kind: 'bad', ...faultWords(fault, given) };
	const last = links.at(-1);
	if (test?.verdict === 'delivered' && test.latencyMs !== null)
		return {
			kind: 'ok',
			title: `Delivered in ${seconds(test.latencyMs)}`,
			text: `${upper(deviceName)} showed the ring and said so.`
		};
	if (server === null && given.isCutOff)
		return { kind: 'idle', title: 'Half checked', text: 'The server could not be asked.' };
	if (server === null)
		return { kind: 'idle', title: 'Checking', text: 'Asking this browser and the server.' };
	if (last?.state === 'ok') return { kind: 'ok', title: 'Delivered', text: last.finding };
	if (
		test?.verdict === 'not confirmed' ||
		(server !== 'unknown device' && server.health === 'not confirmed')
	)
		return { kind: 'idle', title: 'Not confirmed', text: last?.finding ?? '' };
	return {
		kind: 'idle',
		title: 'Not proved yet',
		text: 'Every link that can be checked holds. The ring test proves the rest.'
	};
}

function faultWords({ name, remedy, advice }: Link, given: Examination) {
	const { browser, deviceName } = given;
	const isNew = browser?.held === null && given.server === 'unknown device';
	const title =
		isNew && remedy === 'register' ? 'No device' : `${upper(deviceName)} cannot be rung`;
	if (remedy === 'register')
		return { title, text: `${name} is the broken link. One tap mends it.` };
	return {
		title,
		text: `${name} is the broken link. ${advice ?? 'What mends it stands beside it.'}`
	};
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "0.8 s" */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function hostOf(endpoint: string): string {
	return URL.canParse(endpoint) ? new URL(endpoint).host : 'a push service';
}

/** The findings as text to send to somebody who helps. It holds no address that a ring could be sent to. */
export function report(
	links: readonly Link[],
	about: { diagnosis: Diagnosis; userAgent: string; at: Date; notes: readonly DoctorRow[] }
): string {
	const { diagnosis, userAgent, at, notes } = about;
	return [
		`Bellhop doctor, ${at.toISOString()}`,
		`${diagnosis.title}. ${diagnosis.text}`,
		...links.map(({ name, state, finding, advice }, index) =>
			[`${index + 1}. ${name}: ${state}. ${finding}`, advice].filter(Boolean).join(' ')
		),
		...notes.map(({ layer, state, evidence }) => `${layer}: ${state}. ${evidence}`),
		userAgent
	].join('\n');
}

/** What the person's own settings keep quiet: no link is broken by it. */
export function settingsNotes(server: Examination['server']): DoctorRow[] {
	if (server === null || server === 'unknown device') return [];
	return server.rows.filter(
		({ layer, state }) => (layer === 'preferences' || layer === 'quiet hours') && state !== 'ok'
	);
}
