import type { NotificationSettings } from '#contract/notifications.ts';
import { notifications } from '$lib/state/notifications.svelte.ts';
import { toast } from '$lib/ui/toast.svelte.ts';

let turn = Promise.resolve();

/**
 * Settings save at once, one change after the other, each made to what the one before has left. What the server
 * refuses goes back to what it was, and is told.
 */
export function save(
	change: (settings: NotificationSettings) => Partial<NotificationSettings>
): Promise<void> {
	turn = turn.then(async () => {
		const { settings } = notifications;
		if (!settings) return;
		await notifications.setSettings({ ...settings, ...change(settings) });
		if (notifications.error) toast.show({ text: notifications.error });
	});
	return turn;
}
