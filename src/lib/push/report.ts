import { type ConfirmRequest, Done } from '#contract/notifications.ts';
import { request } from '../sync/request.ts';

/** An alert stands in a page in front of the person. Without a connection the push comes, which is right. */
export async function reportSeen(body: ConfirmRequest): Promise<void> {
	const path = '/api/push/confirm';
	await request({ method: 'POST', path, body, schema: Done }).catch(() => {});
}

let reported: string | null = null;
let reporting: Promise<void> = Promise.resolve();

/**
 * This page was opened by a notification, which its address names: says so, where no worker could. Of a ring test,
 * which is no team's, too. Resolves when it has been said, or could not be: then the next call says it.
 */
export function reportOpened(): Promise<void> {
	const query = new URLSearchParams(location.search);
	const [teamId, test] = [query.get('team'), query.get('test')];
	const deliveryId = teamId ? query.get('delivery') : test;
	if (!deliveryId || deliveryId === reported) return reporting;
	reported = deliveryId;
	const body = { ...(teamId && { teamId }), deliveryId };
	reporting = request({ method: 'POST', path: '/api/push/opened', body, schema: Done }).then(
		() => {},
		() => {
			reported = null;
		}
	);
	return reporting;
}
