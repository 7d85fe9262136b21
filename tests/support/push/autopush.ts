import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Certificate } from '../certificate.ts';
import {
	type Delivered,
	freshRegistration,
	type PushMessage,
	pushEndpoint,
	type Registration
} from './vapid.ts';

export const AUTOPUSH_HOST = 'updates.push.services.mozilla.com';
const ORIGIN = `https://${AUTOPUSH_HOST}`;
const PREFIX = '/wpush/v2/';

interface MozillaRegistration extends Registration {
	uaid: string;
	channelId: string;
}

export type Autopush = Awaited<ReturnType<typeof startAutopush>>;

/** Mozilla's push service in small: a WebSocket for Firefox, an HTTPS endpoint for the application server. */
export async function startAutopush(certificate: Certificate) {
	const registrations = new Map<string, MozillaRegistration>();
	const sockets = new Map<string, WebSocket>();
	const pushes: PushMessage[] = [];
	/** Code 100: shown to the worker; 101: not decrypted; a `nack`: the handler threw. */
	const acks: { messageType?: string; code?: number; version?: string }[] = [];
	let isUp = true;

	const deliver = (registration: MozillaRegistration, { id, body }: Delivered): boolean => {
		const socket = sockets.get(registration.uaid);
		const content =
			body.length > 0
				? { data: body.toString('base64url'), headers: { encoding: 'aes128gcm' } }
				: {};
		const head = { messageType: 'notification', channelID: registration.channelId, version: id };
		socket?.send(JSON.stringify({ ...head, ...content }));
		return socket !== undefined;
	};
	const register = (key: string, uaid = 'nobody', channelId = randomUUID()): string => {
		const token = randomUUID();
		registrations.set(token, { uaid, channelId, key, ...freshRegistration() });
		return `${ORIGIN}${PREFIX}${token}`;
	};

	const find = (url: string) => registrations.get(url.replace(PREFIX, ''));
	const web = createSecureServer(certificate, pushEndpoint({ pushes, deliver, find }));
	const socketWeb = createServer();
	const server = new WebSocketServer({
		server: socketWeb,
		handleProtocols: () => 'push-notification',
		// Before the handshake: one that is taken and ended at once can leave Firefox waiting for ever, as it says hello
		// only after a look into its records and forgets by then that the connection has ended.
		verifyClient: (_, take) => take(isUp, 503)
	});
	server.on('connection', (socket) => {
		let uaid = '';
		const mine = () => [...registrations.values()].filter((r) => r.uaid === uaid);
		socket.on('message', (data) => {
			const message = JSON.parse(String(data));
			const { messageType, channelID } = message;
			const reply = (fields = {}) =>
				socket.send(JSON.stringify({ messageType, channelID, status: 200, ...fields }));
			if (messageType === 'hello') {
				// Another uaid than the browser's own makes it drop its registrations (pushsubscriptionchange).
				const isKnown = [...registrations.values()].some((r) => r.uaid === message.uaid);
				uaid = isKnown ? message.uaid : randomUUID().replaceAll('-', '');
				sockets.set(uaid, socket);
				reply({ uaid, use_webpush: true, broadcasts: {} });
				for (const own of mine()) for (const kept of own.queue.splice(0)) deliver(own, kept);
			} else if (messageType === 'register') {
				const key = Buffer.from(message.key ?? '', 'base64url').toString('base64url');
				reply({ pushEndpoint: register(key, uaid, channelID) });
			} else if (messageType === 'unregister') {
				for (const own of mine()) if (own.channelId === channelID) own.isDead = true;
				reply();
			} else if (messageType === 'ack') acks.push(...message.updates);
			else if (messageType === 'nack') acks.push(message);
			else socket.send('{}');
		});
		socket.on('close', () => {
			if (sockets.get(uaid) === socket) sockets.delete(uaid);
		});
	});
	for (const listener of [web, socketWeb]) await once(listener.listen(0, '127.0.0.1'), 'listening');
	const dropConnections = () => {
		// At once: what is written to one that ends is lost.
		sockets.clear();
		for (const socket of server.clients) socket.terminate();
	};
	return {
		hosts: [AUTOPUSH_HOST],
		port: (web.address() as AddressInfo).port,
		registrations,
		pushes,
		acks,
		/** A browser made by the test itself: the endpoint of a new registration. */
		register: (key: string) => register(key),
		find: (endpoint: string) => find(new URL(endpoint).pathname),
		/** Hands a body to the browser, past all that the service asks of a sender. */
		inject(endpoint: string, body: Buffer) {
			const registration = find(new URL(endpoint).pathname);
			if (registration) deliver(registration, { id: randomUUID(), body, ttl: 60 });
		},
		/** For Firefox's profile. */
		prefs: {
			'dom.push.serverURL': `ws://127.0.0.1:${(socketWeb.address() as AddressInfo).port}/`,
			'dom.push.testing.allowInsecureServerURL': true,
			'dom.push.connection.enabled': true,
			'dom.push.retryBaseInterval': 300
		},
		/** As after an outage: every registration is dead, and the browsers learn it as they come back. */
		forgetClients() {
			for (const registration of registrations.values()) {
				registration.isDead = true;
				registration.uaid = 'forgotten';
			}
			dropConnections();
		},
		/** Drops the browsers' connections, and takes none again until it is up. */
		setUp(is: boolean) {
			isUp = is;
			if (!isUp) dropConnections();
		},
		close() {
			dropConnections();
			for (const listener of [web, socketWeb]) {
				listener.closeAllConnections();
				listener.close();
			}
		}
	};
}
