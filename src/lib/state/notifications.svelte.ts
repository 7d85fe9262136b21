import { type NotificationSettings, SettingsResponse } from '#contract/notifications.ts';
import {
	NotificationPreferences,
	type PushDevice,
	PushKeyResponse,
	PushStateResponse,
	SubscriptionResponse
} from '#contract/push.ts';
import { deviceName } from '../db/device.ts';
import { thisBrowser } from '../push/browser.ts';
import { check, enable, type PushServer, type Standing } from '../push/registration.ts';
import { ApiFailure, Offline, request } from '../sync/request.ts';
import { type Change, Kept } from './kept.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { UNSUBSCRIBING } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export type NotificationState = 'loading' | Standing;

/** A browser may wait long for its push service. */
const UNSUBSCRIBING_MS = 10_000;

/** A page that is left takes nothing back that was set on it. */
const PUT = { method: 'PUT', keepalive: true } as const;

export interface Notifications {
	readonly state: NotificationState;
	readonly isBusy: boolean;
	/** What went wrong last, and what to do. */
	readonly error: string | null;
	readonly devices: PushDevice[];
	readonly thisDeviceId: string | null;
	readonly preferences: NotificationPreferences | null;
	/** From the person's press: asks for the permission, once. */
	enable(): Promise<void>;
	setPreference(name: keyof NotificationPreferences, value: boolean): Promise<void>;
	/** The event table, lock-screen privacy, quiet hours and sounds. */
	readonly settings: NotificationSettings | null;
	/** `change` is made at once, and again to what the changes before it have left. */
	setSettings(change: Change<NotificationSettings>): Promise<void>;
	/** Sends what was set and still waits its turn: the page is being left. */
	leave(): void;
	/**
	 * Compares and mends (notification-checks.svelte.ts says when). Resolves with whether it could: without a connection
	 * what is known stands.
	 */
	check(): Promise<boolean>;
}

let state = $state<NotificationState>('loading');
let isBusy = $state(false);
let error = $state<string | null>(null);
let devices = $state.raw<PushDevice[]>([]);
/** Fetched ahead, since a press counts only for a moment. */
let key: Awaited<ReturnType<PushServer['key']>> | undefined;

const server: PushServer = {
	async key() {
		key = await request({ method: 'GET', path: '/api/push/key', schema: PushKeyResponse });
		return key;
	},
	async save(body) {
		const path = '/api/push/subscription';
		const answer = await request({ method: 'PUT', path, body, schema: SubscriptionResponse });
		return answer.state;
	}
};

async function refresh(): Promise<void> {
	const path = '/api/push/state';
	const answer = await request({ method: 'GET', path, schema: PushStateResponse });
	devices = answer.devices;
	preferences.saved = answer.preferences;
	settings.saved = await requestSettings({ method: 'GET' });
}

async function requestSettings(
	how: { method: 'GET' } | (typeof PUT & { body: NotificationSettings })
): Promise<NotificationSettings> {
	const answer = await request({ ...how, path: '/api/push/settings', schema: SettingsResponse });
	return answer.settings;
}

const registration = (id: string) => ({
	browser: thisBrowser,
	server,
	device: { id, name: deviceName() }
});

/** Runs one thing after the other and says what went wrong, in words for the person; resolves with whether it worked. */
function working(work: () => Promise<void>): Promise<boolean> {
	const mine = turn.then(async () => {
		isBusy = true;
		error = null;
		await work().catch((failure) => {
			error = explain(failure);
		});
		isBusy = false;
		return error === null;
	});
	turn = mine;
	return mine;
}
let turn: Promise<unknown> = Promise.resolve();

function explain(failure: unknown): string {
	if (failure instanceof ApiFailure) return [failure.message, failure.remedy].join(' ').trim();
	if (failure instanceof Offline) return 'Not connected to Bellhop. Try again with a connection.';
	const reason = failure instanceof Error ? failure.message : String(failure);
	return `This browser could not register: ${reason}`;
}

/** A registration that is still being given back is none: whoever was here before has just left. */
const unsubscribed = (): Promise<void> =>
	thisPage
		.hold(UNSUBSCRIBING, { signal: AbortSignal.timeout(UNSUBSCRIBING_MS) }, async () => {})
		.catch(() => {});

const preferences = new Kept<NotificationPreferences>(working, (body) => {
	const path = '/api/push/preferences';
	return request({ ...PUT, path, body, schema: NotificationPreferences });
});
const settings = new Kept<NotificationSettings>(working, (body) =>
	requestSettings({ ...PUT, body })
);

/** Whether and how this browser rings, and the person's switches. */
export const notifications: Notifications = {
	get state() {
		return state;
	},
	get isBusy() {
		return isBusy;
	},
	get error() {
		return error;
	},
	get devices() {
		return devices;
	},
	get thisDeviceId() {
		return workspace.current?.deviceId ?? null;
	},
	get preferences() {
		return preferences.value;
	},
	async enable() {
		await working(async () => {
			const id = workspace.current?.deviceId;
			if (!id) return;
			state = await enable({ ...registration(id), key, isExpired: state === 'expired' });
			await refresh();
		});
	},
	setPreference: (name, value) => preferences.change(() => ({ [name]: value })),
	get settings() {
		return settings.value;
	},
	setSettings: (change) => settings.change(change),
	leave() {
		preferences.leave();
		settings.leave();
	},
	check: () =>
		working(async () => {
			const id = workspace.current?.deviceId;
			if (!id) return;
			// Known without the server, and true whatever it says.
			if (thisBrowser.support !== 'supported') state = thisBrowser.support;
			else if (thisBrowser.permission === 'denied') state = 'denied';
			await unsubscribed();
			await refresh();
			const known = devices.find((device) => device.id === id);
			const wasOn = known?.isSubscribed ?? false;
			const isStopped = known?.state === 'stopped';
			state = await check({ ...registration(id), wasOn, isStopped });
			if (state === 'off' || state === 'expired') await server.key();
			if (state !== 'off') await refresh();
		})
};
