import { type ConfirmRequest, Done } from '#contract/notifications.ts';
import { request } from '../sync/request.ts';

/** An alert stands in a page in front of the person. Without a connection the push comes, which is right. */
export async function reportSeen(body: ConfirmRequest): Promise<void> {
	const path = '/api/push/confirm';
	await request({ method: 'POST', path, body, schema: Done }).catch(() => {});
}

let reported: string | null = null;

/** This page was opened by a notification, which its address names: says so, where no worker could. */
export function reportOpened(): void {
	const query = new URLSearchParams(location.search);
	const [teamId, deliveryId] = [query.get('team'), query.get('delivery')];
	if (!teamId || !deliveryId || deliveryId === reported) return;
	reported = deliveryId;
	const body = { teamId, deliveryId };
	request({ method: 'POST', path: '/api/push/opened', body, schema: Done }).catch(() => {
		reported = null;
	});
}
