import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../certificate.ts';
import { createReceiver } from './receiver.ts';
import {
	type Delivered,
	freshRegistration,
	type PushMessage,
	pushEndpoint,
	type Registration
} from './vapid.ts';
import { handlePush, type Reads, type Shown, type Worker } from './webkit.ts';

export const APPLE_HOST = 'web.push.apple.com';
const STRIKES = 3;

interface Phone extends Registration {
	receiver: ReturnType<typeof createReceiver>;
	isOnline: boolean;
	strikes: number;
	/** What stands on the lock screen: tags replace nothing here. */
	shown: Shown[];
	reads: Reads;
	/** Without one, and where it fails, the system shows by itself. */
	worker?: Worker;
}

/**
 * Apple's push service and an iPhone in small: one undelivered message is kept, tags are ignored, and three pushes
 * that show nothing cost the registration.
 */
export async function startApple(certificate: Certificate) {
	const phones = new Map<string, Phone>();
	const pushes: PushMessage[] = [];
	const show = async (phone: Phone, text: string | null) => {
		const shown = await handlePush(text, { reads: phone.reads, worker: phone.worker });
		phone.shown.push(...shown);
		if (shown.length > 0) return;
		phone.strikes += 1;
		phone.isDead ||= phone.strikes >= STRIKES;
	};
	const open = (phone: Phone, { body }: Delivered) => show(phone, phone.receiver.decrypt(body));
	const deliver = (phone: Phone, message: Delivered): boolean => {
		if (phone.isOnline) void open(phone, message);
		// The newest overwrites whatever waited.
		else phone.queue = [];
		return phone.isOnline;
	};
	const find = (path: string) => phones.get(path);
	const server = createServer(certificate, pushEndpoint({ pushes, deliver, find }));
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		register(key: string) {
			const path = `/${randomUUID()}`;
			const fresh = { ...freshRegistration(), strikes: 0, shown: [], reads: 'beside' as const };
			const phone: Phone = { ...fresh, key, receiver: createReceiver(), isOnline: true };
			phones.set(path, phone);
			return { endpoint: `https://${APPLE_HOST}${path}`, phone };
		},
		/** The phone has a connection again. */
		async wake(phone: Phone) {
			phone.isOnline = true;
			for (const kept of phone.queue.splice(0)) await open(phone, kept);
		},
		/** Hands a push to the phone, past all that the service asks of a sender; resolves when it has been dealt with. */
		inject: show,
		close() {
			server.closeAllConnections();
			server.close();
		}
	};
}
