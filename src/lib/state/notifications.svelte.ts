import type { NotificationPreferences, PushDevice } from '#contract/push.ts';

export type NotificationState =
	| 'loading'
	| 'unsupported'
	| 'needs-install'
	| 'off'
	| 'denied'
	| 'expired'
	| 'on';

/** `seen`: the worker reported *shown*; the others are what the push service said. */
export type TestOutcome = 'accepted' | 'gone' | 'failed';

class Notifications {
	state = $state<NotificationState>('loading');
	isBusy = $state(false);
	error = $state<string | null>(null);
	devices = $state<PushDevice[]>([]);
	thisDeviceId = $state<string | null>(null);
	preferences = $state<NotificationPreferences | null>(null);
	async enable(): Promise<void> {}
	async test(): Promise<TestOutcome> {
		return 'failed';
	}
	async setPreference(_name: keyof NotificationPreferences, _value: boolean): Promise<void> {}
	async check(): Promise<void> {}
}

export const notifications = new Notifications();
