import type { NotificationSettings } from '#contract/notifications.ts';
import { notifications } from '$lib/state/notifications.svelte.ts';
import { toast } from '$lib/ui/toast.svelte.ts';

/** Settings save at once. What the server refuses goes back to what it was, and is told. */
export async function save(
	change: (settings: NotificationSettings) => Partial<NotificationSettings>
): Promise<void> {
	await notifications.setSettings(change);
	if (notifications.error) toast.show({ text: notifications.error });
}
