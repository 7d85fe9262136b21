/** What stands on this device's desktop or lock screen, as far as its browser tells. */
const noticesOf = async (): Promise<Notification[]> => {
	const registration = await navigator.serviceWorker?.getRegistration();
	return (await registration?.getNotifications?.()) ?? [];
};

/** What one of our notifications told. */
export interface Told {
	/** Number of the newest message it knew of; 0 where it does not say. */
	seq: number;
	/** Which ring of an escalation that nobody answers, by its time; 0 where it is none. */
	ring: number;
	/** What for, in the words of a push; null where it does not say. */
	kind: string | null;
	/** Whose chat it is; null where it does not say. */
	botId: string | null;
}

const conversationOf = ({ tag }: Notification): string | null =>
	tag.startsWith('c-') ? tag.slice(2) : null;

function toldBy({ data }: Notification): Told {
	const { seq, ring, kind, botId } = (data ?? {}) as Record<string, unknown>;
	return {
		seq: typeof seq === 'number' ? seq : 0,
		ring: typeof ring === 'number' ? ring : 0,
		kind: typeof kind === 'string' ? kind : null,
		botId: typeof botId === 'string' ? botId : null
	};
}

/** Shows one by a page, as soon as there is a worker that can be asked what it was pressed for. */
export async function showNotice(
	title: string,
	options: NotificationOptions & { renotify?: boolean }
): Promise<void> {
	await (await navigator.serviceWorker?.ready)?.showNotification(title, options);
}

/** Whether a notification with this tag stands that knew of the message and the ring, or of newer ones. */
export async function isNoticed(
	tag: string,
	{ seq, ring }: { seq: number; ring: number | null }
): Promise<boolean> {
	return (await noticesOf()).some((notice) => {
		const told = toldBy(notice);
		return notice.tag === tag && told.seq >= seq && told.ring >= (ring ?? 0);
	});
}

/** Takes away the notifications of conversations that need none (any more). */
export async function closeNotices(
	isSettled: (conversationId: string, told: Told) => boolean | Promise<boolean>
): Promise<void> {
	for (const notice of await noticesOf()) {
		const id = conversationOf(notice);
		if (id !== null && (await isSettled(id, toldBy(notice)))) notice.close();
	}
}

/** The number on the app's icon, where there is one. */
export async function setBadge(count: number): Promise<void> {
	const { setAppBadge, clearAppBadge } = navigator as Partial<Navigator>;
	// Refused without the permission to notify, which is no one's loss.
	if (count > 0) await setAppBadge?.call(navigator, count).catch(() => {});
	else await clearAppBadge?.call(navigator).catch(() => {});
}
