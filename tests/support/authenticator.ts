import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { ORIGIN } from './app.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

/** As much of CBOR (RFC 8949) as an attestation needs: integers, bytes, text and maps. */
function cbor(value: number | Buffer | string | Map<number | string, unknown>): Buffer {
	const head = (major: number, n: number) =>
		n < 24
			? Buffer.from([(major << 5) | n])
			: n < 256
				? Buffer.from([(major << 5) | 24, n])
				: Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
	if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === 'string')
		return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
	if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
	const parts = [...value].flatMap(([key, part]) => [
		cbor(key),
		cbor(part as Parameters<typeof cbor>[0])
	]);
	return Buffer.concat([head(5, value.size), ...parts]);
}

const PRESENT = 1;
const VERIFIED = 4;
const HAS_KEY = 64;

interface Answering {
	challenge: string;
	origin?: string;
	host?: string;
	/** Whether it asked who is there. */
	isVerified?: boolean;
	counter?: number;
}

/** A security key with one ES256 key in it, as a browser would ask it. */
export function authenticator() {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const credentialId = randomBytes(32);
	const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
	const coordinate = (text: string) => Buffer.from(text, 'base64url');
	// COSE (RFC 9053): EC2, ES256, P-256.
	const cose = cbor(
		new Map<number, unknown>([
			[1, 2],
			[3, -7],
			[-1, 1],
			[-2, coordinate(x)],
			[-3, coordinate(y)]
		])
	);
	const clientData = (type: string, { challenge, origin = ORIGIN }: Answering) =>
		Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
	const data = (
		more: number,
		{ host = 'localhost', isVerified = true, counter = 0 }: Answering
	) => {
		const count = Buffer.alloc(4);
		count.writeUInt32BE(counter);
		const flags = PRESENT | (isVerified ? VERIFIED : 0) | more;
		return Buffer.concat([sha256(host), Buffer.from([flags]), count]);
	};
	const id = credentialId.toString('base64url');
	return {
		id,
		/** What a registration sends, but for the name. */
		create(answering: Answering) {
			const length = Buffer.from([0, credentialId.length]);
			const key = [Buffer.alloc(16), length, credentialId, cose];
			const authData = Buffer.concat([data(HAS_KEY, answering), ...key]);
			const attestation = new Map<string, unknown>([
				['fmt', 'none'],
				['attStmt', new Map()],
				['authData', authData]
			]);
			return {
				id,
				clientDataJSON: clientData('webauthn.create', answering).toString('base64url'),
				attestationObject: cbor(attestation).toString('base64url'),
				transports: ['internal']
			};
		},
		/** What a sign-in sends. */
		get(answering: Answering) {
			const client = clientData('webauthn.get', answering);
			const authenticatorData = data(0, answering);
			const signed = Buffer.concat([authenticatorData, sha256(client)]);
			return {
				id,
				clientDataJSON: client.toString('base64url'),
				authenticatorData: authenticatorData.toString('base64url'),
				signature: sign('sha256', signed, privateKey).toString('base64url')
			};
		}
	};
}
