import type { NotificationSettings } from '#contract/notifications.ts';
import { notifications } from '$lib/state/notifications.svelte.ts';
import { toast } from '$lib/ui/toast.svelte.ts';

/** Settings save at once; what the server refuses goes back to what it was, and is told. */
export async function save(change: Partial<NotificationSettings>): Promise<void> {
	const { settings } = notifications;
	if (!settings) return;
	await notifications.setSettings({ ...settings, ...change });
	if (notifications.error) toast.show({ text: notifications.error });
}
