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
import { thisPage } from './page.svelte.ts';
import { UNSUBSCRIBING } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export type NotificationState = 'loading' | Standing;

/** A browser may wait long for its push service. */
const UNSUBSCRIBING_MS = 10_000;

type Change<T> = (before: T) => Partial<T>;

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
	/** At every open: compares and mends; without a connection what is known stands. */
	check(): Promise<void>;
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
	how: { method: 'GET' } | { method: 'PUT'; body: NotificationSettings }
): Promise<NotificationSettings> {
	const answer = await request({ ...how, path: '/api/push/settings', schema: SettingsResponse });
	return answer.settings;
}

const registration = (id: string) => ({
	browser: thisBrowser,
	server,
	device: { id, name: deviceName() }
});

/** Runs one thing after the other and says what went wrong, in words for the person. */
function working(work: () => Promise<void>): Promise<void> {
	turn = turn.then(async () => {
		isBusy = true;
		error = null;
		await work().catch((failure) => {
			error = explain(failure);
		});
		isBusy = false;
	});
	return turn;
}
let turn = Promise.resolve();

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

/** What the server keeps for the person, and what it is with the changes that wait for the server's word. */
class Kept<T extends object> {
	saved = $state.raw<T | null>(null);
	#changes = $state.raw<readonly Change<T>[]>([]);
	readonly #send: (wanted: T) => Promise<T>;
	readonly value = $derived.by(() => {
		let value = this.saved;
		for (const change of this.#changes) value = value && { ...value, ...change(value) };
		return value;
	});

	constructor(send: (wanted: T) => Promise<T>) {
		this.#send = send;
	}

	/** Is seen at once; what the server does not take goes back. */
	async change(change: Change<T>): Promise<void> {
		this.#changes = [...this.#changes, change];
		await working(async () => {
			try {
				if (this.saved) this.saved = await this.#send({ ...this.saved, ...change(this.saved) });
			} finally {
				this.#changes = this.#changes.filter((other) => other !== change);
			}
		});
	}
}

const preferences = new Kept<NotificationPreferences>((body) => {
	const path = '/api/push/preferences';
	return request({ method: 'PUT', path, body, schema: NotificationPreferences });
});
const settings = new Kept<NotificationSettings>((body) => requestSettings({ method: 'PUT', body }));

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
	enable: () =>
		working(async () => {
			const id = workspace.current?.deviceId;
			if (!id) return;
			state = await enable({ ...registration(id), key });
			await refresh();
		}),
	setPreference: (name, value) => preferences.change(() => ({ [name]: value })),
	get settings() {
		return settings.value;
	},
	setSettings: (change) => settings.change(change),
	check: () =>
		working(async () => {
			const id = workspace.current?.deviceId;
			if (!id) return;
			// Known without the server, and true whatever it says.
			if (thisBrowser.support !== 'supported') state = thisBrowser.support;
			else if (thisBrowser.permission === 'denied') state = 'denied';
			await unsubscribed();
			await refresh();
			const wasOn = devices.some((device) => device.id === id && device.isSubscribed);
			state = await check({ ...registration(id), wasOn });
			if (state === 'off') await server.key();
			else await refresh();
		})
};
