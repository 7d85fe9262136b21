import { createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

/** What a browser registered, as its push service keeps it. */
export interface Registration {
	/** The applicationServerKey, base64url. */
	key: string;
	isDead: boolean;
	/** Every push that was taken, the oldest first. */
	taken: PushMessage[];
	/** Undelivered messages. */
	queue: PushMessage[];
	/** Answers to give instead of taking the next pushes, in order. */
	answers: ScriptedAnswer[];
	/** Asked about each push where no answer is left above; undefined: it is taken as usual. */
	answerTo?: (push: Pick<PushMessage, 'topic'>) => ScriptedAnswer | undefined;
	/** Taken, and to arrive after the next one. */
	late: PushMessage[];
}

export const freshRegistration = () => ({
	isDead: false,
	taken: [] as PushMessage[],
	queue: [] as PushMessage[],
	answers: [] as ScriptedAnswer[],
	late: [] as PushMessage[]
});

export interface PushMessage {
	id: string;
	body: Buffer;
	ttl: number;
	urgency: string | undefined;
	topic: string | undefined;
	claims: Claims;
}

/** The part of a push that reaches the browser. */
export type Delivered = Pick<PushMessage, 'id' | 'body' | 'ttl'>;

/** What comes late comes after the next push, or after this. */
const LATE_MS = 3_000;

/**
 * `hang`: the request is read and never answered; `takeAndHang`: it is even delivered; `until`: it is delivered, and
 * answered then. The others are answered as usual, and lost, delivered damaged, twice, or late, so that the next one
 * overtakes them.
 */
export type ScriptedAnswer =
	| { status: number; headers?: Record<string, string>; body?: string }
	| { until: Promise<unknown> }
	| 'hang'
	| 'takeAndHang'
	| 'lose'
	| 'damage'
	| 'twice'
	| 'late';

export interface Claims {
	aud: string;
	exp: number;
	sub: string;
}

const DAY_SECONDS = 86_400;

/** Checks `Authorization: vapid t=JWT, k=KEY` (RFC 8292) as a push service does; returns the claims or what is wrong. */
export function checkVapid(
	header: string | undefined,
	audience: string,
	expectedKey: string
): Claims | string {
	const parameters = /^vapid\s+(.*)$/i.exec(header ?? '')?.[1];
	if (!parameters) return 'no vapid Authorization header';
	const given = new Map(
		parameters.split(',').map((part) => {
			const at = part.indexOf('=');
			return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
		})
	);
	const point = Buffer.from(given.get('k') ?? '', 'base64url');
	if (point.length !== 65 || point[0] !== 4) return 'k is not an uncompressed P-256 point';
	if (point.toString('base64url') !== expectedKey) return 'k is not the applicationServerKey';
	const [head = '', body = '', signature = ''] = (given.get('t') ?? '').split('.');
	if (!isSigned(`${head}.${body}`, signature, point)) return 'bad JWT signature';
	const claims = parse(body) as unknown as Claims;
	const now = Date.now() / 1000;
	if (parse(head).alg !== 'ES256') return 'alg is not ES256';
	if (claims.aud !== audience) return `aud ${claims.aud} is not ${audience}`;
	if (!(claims.exp > now && claims.exp <= now + DAY_SECONDS)) return 'exp is not within 24 h';
	if (!/^(mailto:|https:)/.test(claims.sub)) return 'sub is no contact';
	return claims;
}

function isSigned(text: string, signature: string, point: Buffer): boolean {
	const x = point.subarray(1, 33).toString('base64url');
	const y = point.subarray(33).toString('base64url');
	const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
	const bytes = Buffer.from(signature, 'base64url');
	return verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes);
}

const parse = (part: string): Record<string, unknown> =>
	JSON.parse(Buffer.from(part, 'base64url').toString());

export interface EndpointOptions<R extends Registration> {
	find(path: string): R | undefined;
	/** True where the browser was connected. */
	deliver(registration: R, message: Delivered): boolean;
	/** Every push that was taken. */
	pushes: PushMessage[];
}

/** The application server's side of a push service (RFC 8030), shared by both services in small. */
export function pushEndpoint<R extends Registration>(options: EndpointOptions<R>): RequestListener {
	const { find, deliver, pushes } = options;
	return async (request, response) => {
		const body = await read(request);
		const end = (status: number, text = '', headers = {}) =>
			response.writeHead(status, headers).end(text);
		const registration = request.method === 'POST' ? find(request.url ?? '') : undefined;
		if (!registration) return end(404, 'unknown subscription');
		const topic = request.headers.topic as string | undefined;
		const scripted = registration.answers.shift() ?? registration.answerTo?.({ topic });
		if (scripted === 'hang') return;
		if (typeof scripted === 'object' && 'status' in scripted)
			return end(scripted.status, scripted.body, scripted.headers);
		if (registration.isDead) return end(410, 'subscription is gone');
		const { headers } = request;
		if (!/^\d+$/.test(String(headers.ttl ?? ''))) return end(400, 'TTL missing');
		if (body.length > 4096) return end(413, 'payload too large');
		if (body.length > 0 && headers['content-encoding'] !== 'aes128gcm')
			return end(415, 'Content-Encoding must be aes128gcm');
		const audience = `https://${headers.host}`;
		const claims = checkVapid(headers.authorization, audience, registration.key);
		if (typeof claims === 'string') return end(403, claims);
		const message: PushMessage = {
			id: `m${pushes.length}-${Date.now().toString(36)}`,
			body,
			ttl: Number(headers.ttl),
			urgency: headers.urgency as string | undefined,
			topic,
			claims
		};
		pushes.push(message);
		registration.taken.push(message);
		// The newest of a topic replaces the undelivered one.
		if (topic) registration.queue = registration.queue.filter((kept) => kept.topic !== topic);
		const hand = (one: PushMessage) => {
			if (!deliver(registration, one) && one.ttl > 0) registration.queue.push(one);
		};
		const handLate = () => registration.late.splice(0).forEach(hand);
		if (scripted === 'late') {
			registration.late.push(message);
			setTimeout(handLate, LATE_MS).unref();
		} else if (scripted !== 'lose') {
			hand(scripted === 'damage' ? { ...message, body: damaged(body) } : message);
			// A browser drops what has the same id by itself.
			if (scripted === 'twice') hand({ ...message, id: `${message.id}-again` });
			handLate();
		}
		if (typeof scripted === 'object') await scripted.until;
		if (scripted !== 'takeAndHang') end(201, '', { location: `${audience}/m/${message.id}` });
	};
}

/** With one bit of its seal turned over. */
function damaged(body: Buffer): Buffer {
	const copy = Buffer.from(body);
	copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
	return copy;
}

async function read(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}
