import { DoctorResponse } from '#contract/notifications.ts';
import { PushKeyResponse, PushStateResponse } from '#contract/push.ts';
import type { Examination } from '../push/doctor.ts';
import { type BrowserFacts, browserFacts } from '../push/facts.ts';
import { ApiFailure, Offline } from '../sync/request.ts';
import { get } from './api.ts';
import { notifications } from './notifications.svelte.ts';
import { RingTest } from './ring-test.svelte.ts';
import { workspace } from './workspace.svelte.ts';

/** Looks after one of the person's devices: collects what its browser and the server can tell. */
export class Doctor {
	readonly test = new RingTest();
	#browser = $state.raw<BrowserFacts | null>(null);
	#server = $state.raw<Examination['server']>(null);
	#serverKey = $state<string | null>(null);
	isLooking = $state(false);
	/** Why the server's half is not known. */
	failure = $state.raw<ApiFailure | Offline | null>(null);
	readonly #named: () => string | null;

	/** `named`: the device's id; null is the one this page runs on. */
	constructor(named: () => string | null) {
		this.#named = named;
	}

	get deviceId(): string | null {
		return this.#named() ?? workspace.current?.deviceId ?? null;
	}
	get isHere(): boolean {
		return this.deviceId === workspace.current?.deviceId;
	}
	get given(): Examination {
		const device = notifications.devices.find(({ id }) => id === this.deviceId);
		return {
			deviceName: this.isHere ? 'this device' : (device?.name ?? 'this device'),
			browser: this.isHere ? this.#browser : null,
			serverKey: this.#serverKey,
			server: this.#server,
			isCutOff: this.failure !== null,
			test: this.test.result
		};
	}
	/** Whether anything is known yet. */
	get hasLooked(): boolean {
		return this.#browser !== null && (this.#server !== null || this.failure !== null);
	}

	async look(): Promise<void> {
		const { deviceId } = this;
		if (!deviceId) return;
		this.isLooking = true;
		this.failure = null;
		try {
			this.#browser = await browserFacts();
			this.#serverKey = (await get('/api/push/key', PushKeyResponse)).publicKey;
			this.#server = await this.#ask(deviceId);
		} catch (error) {
			if (!(error instanceof ApiFailure || error instanceof Offline)) throw error;
			this.failure = error;
		} finally {
			this.isLooking = false;
		}
	}

	/** Not about a device that the server does not list: browsers report its 404 as an error. */
	async #ask(deviceId: string): Promise<Examination['server']> {
		const { devices } = await get('/api/push/state', PushStateResponse);
		if (!devices.some(({ id }) => id === deviceId)) return 'unknown device';
		return get(`/api/push/doctor?device=${deviceId}`, DoctorResponse);
	}

	/** The ring test; its end brings another look. Throws ApiFailure or Offline where it cannot be sent. */
	async ring(afterMs: number): Promise<void> {
		const { deviceId } = this;
		if (!deviceId) return;
		await this.test.run(deviceId, afterMs);
		// Not waited for: whoever has stopped one may start the next at once.
		void this.look();
	}

	/** The test whose notification led here; its end brings another look. Throws ApiFailure. */
	async resume(testId: string): Promise<void> {
		await this.test.resume(testId);
		void this.look();
	}

	/** Registers this browser anew, from the person's press. */
	async register(): Promise<void> {
		this.test.result = null;
		await notifications.enable();
		await this.look();
	}
}
