import type { NotificationSettings } from '#contract/notifications.ts';
import type { NotificationPreferences } from '#contract/push.ts';
import { notifications } from '$lib/state/notifications.svelte.ts';
import { toast } from '$lib/ui/toast.svelte.ts';

/** Settings save at once. What the server refuses goes back to what it was, and is told. */
export const save = (
	change: (settings: NotificationSettings) => Partial<NotificationSettings>
): Promise<void> => told(notifications.setSettings(change));

/** The same of one way to be notified. */
export const savePreference = (name: keyof NotificationPreferences, isOn: boolean): Promise<void> =>
	told(notifications.setPreference(name, isOn));

async function told(saving: Promise<void>): Promise<void> {
	await saving;
	if (notifications.error) toast.show({ text: notifications.error });
}
