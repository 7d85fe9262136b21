import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Certificate } from '../certificate.ts';
import { bytes, firstStrings, fixed64, int, readVarint, varint } from './protobuf.ts';
import {
	type Delivered,
	freshRegistration,
	type PushMessage,
	pushEndpoint,
	type Registration
} from './vapid.ts';

/** Debian's Chromium makes its endpoints on the second. */
export const GCM_HOSTS = ['fcm.googleapis.com', 'jmt17.google.com'];

/** Of the stream on which pushes arrive (MCS). */
const TAG = { ping: 0, pong: 1, login: 2, loginAnswer: 3, data: 8 };
const VERSION = 41;
const SECURITY_TOKEN = 8_123_456_789_012_345_678n;

interface GoogleRegistration extends Registration {
	app: string;
	/** Names the origin and its worker: `wp:ORIGIN#GUID`. */
	subtype: string;
	device: string;
}

const frame = (tag: number, body: Buffer) =>
	Buffer.concat([Buffer.from([tag]), varint(body.length), body]);

export type FakeGcm = Awaited<ReturnType<typeof startFakeGcm>>;

/** Google's push service in small, for Chromium: check-in, registration, MCS, and the endpoint. */
export async function startFakeGcm(certificate: Certificate) {
	const registrations = new Map<string, GoogleRegistration>();
	const sockets = new Map<string, TLSSocket>();
	const pushes: PushMessage[] = [];
	let devices = 4_000_000_000_000_000_000n;

	const deliver = (registration: GoogleRegistration, { id, body, ttl }: Delivered): boolean => {
		const socket = sockets.get(registration.device);
		const appData = (name: string, value: string) =>
			bytes(7, Buffer.concat([bytes(1, name), bytes(2, value)]));
		const encrypted = body.length > 0 ? [appData('content-encoding', 'aes128gcm')] : [];
		const message = Buffer.concat([
			bytes(3, registration.key),
			bytes(5, registration.app),
			appData('subtype', registration.subtype),
			...encrypted,
			bytes(9, id),
			int(17, ttl),
			int(18, Date.now()),
			...(body.length > 0 ? [bytes(21, body)] : [])
		]);
		socket?.write(frame(TAG.data, message));
		return socket !== undefined;
	};
	const register = (form: URLSearchParams): string => {
		const field = (name: string) => form.get(name) ?? '';
		const subtype = field('X-subtype');
		const isDelete = form.has('delete');
		for (const known of registrations.values()) {
			const isSame = subtype !== '' && known.subtype === subtype;
			if (isSame && (isDelete || known.key === field('sender'))) known.isDead = true;
		}
		if (isDelete) return subtype || field('app');
		const token = `${randomBytes(8).toString('base64url')}:${randomBytes(24).toString('base64url')}`;
		const owner = { app: field('app'), subtype, key: field('sender'), device: field('device') };
		registrations.set(token, { ...owner, ...freshRegistration() });
		return token;
	};

	const find = (url: string) => {
		const token = /^\/(?:fcm\/send|wp)\/(.+)$/.exec(url)?.[1];
		return registrations.get(decodeURIComponent(token ?? ''));
	};
	const endpoint = pushEndpoint({ pushes, deliver, find });
	const web = createServer(certificate, (request: IncomingMessage, response: ServerResponse) => {
		if (request.url === '/checkin') {
			request.resume();
			const ids = [fixed64(7, ++devices), fixed64(8, SECURITY_TOKEN)];
			response.end(Buffer.concat([int(1, 1), int(3, Date.now()), ...ids]));
		} else if (request.url?.startsWith('/ListAccounts')) {
			request.resume();
			response.end();
		} else if (request.url === '/register') {
			let form = '';
			request.on('data', (chunk) => {
				form += chunk;
			});
			request.on('end', () => response.end(`token=${register(new URLSearchParams(form))}`));
		} else endpoint(request, response);
	});
	const onLogin = (socket: TLSSocket, login: Record<number, string>) => {
		const device = login[3] ?? '';
		sockets.set(device, socket);
		const answer = Buffer.concat([bytes(1, login[1] ?? ''), int(8, Date.now())]);
		socket.write(Buffer.concat([Buffer.from([VERSION]), frame(TAG.loginAnswer, answer)]));
		socket.once('close', () => {
			if (sockets.get(device) === socket) sockets.delete(device);
		});
		for (const registration of registrations.values())
			if (registration.device === device)
				for (const kept of registration.queue.splice(0)) deliver(registration, kept);
	};
	const mcs = createTlsServer(certificate, (socket) => {
		socket.on('error', () => {});
		readFrames(socket, (tag, body) => {
			if (tag === TAG.ping) socket.write(frame(TAG.pong, Buffer.alloc(0)));
			else if (tag === TAG.login) onLogin(socket, firstStrings(body));
		});
	});
	for (const server of [web, mcs]) await once(server.listen(0, '127.0.0.1'), 'listening');
	const port = (web.address() as AddressInfo).port;
	const at = `https://127.0.0.1:${port}`;
	return {
		hosts: GCM_HOSTS,
		port,
		registrations,
		pushes,
		find: (url: string) => find(new URL(url).pathname),
		/** Hands a body to the browser, past all that the service asks of a sender. */
		inject(url: string, body: Buffer) {
			const registration = find(new URL(url).pathname);
			if (registration) deliver(registration, { id: randomUUID(), body, ttl: 60 });
		},
		/** As after an outage: every registration is dead. Chromium is never told. */
		forgetClients() {
			for (const registration of registrations.values()) registration.isDead = true;
		},
		/** For Chromium's command line. */
		args: [
			`--gcm-checkin-url=${at}/checkin`,
			`--gcm-registration-url=${at}/register`,
			`--gcm-mcs-endpoint=https://127.0.0.1:${(mcs.address() as AddressInfo).port}`,
			`--gaia-url=${at}`,
			`--ignore-certificate-errors-spki-list=${certificate.spki}`
		],
		close() {
			for (const socket of sockets.values()) socket.destroy();
			web.closeAllConnections();
			web.close();
			mcs.close();
		}
	};
}

/** A version byte, then frames of tag, length and body. */
function readFrames(socket: TLSSocket, onFrame: (tag: number, body: Buffer) => void): void {
	let buffer = Buffer.alloc(0);
	let isStarted = false;
	socket.on('data', (chunk: Buffer) => {
		buffer = Buffer.concat([buffer, chunk]);
		if (!isStarted && buffer.length > 0) {
			isStarted = true;
			buffer = buffer.subarray(1);
		}
		while (buffer.length > 1) {
			const [length, start] = readVarint(buffer, 1) ?? [Number.POSITIVE_INFINITY, 0];
			if (buffer.length < start + length) return;
			const tag = buffer[0] ?? 0;
			const body = buffer.subarray(start, start + length);
			buffer = buffer.subarray(start + length);
			onFrame(tag, body);
		}
	});
}
