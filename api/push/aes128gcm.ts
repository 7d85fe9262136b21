import {
	createCipheriv,
	createPublicKey,
	createSecretKey,
	diffieHellman,
	generateKeyPairSync,
	type KeyObject,
	randomFillSync
} from 'node:crypto';
import type { Subscription } from '../store/push-subscription.ts';
import { hmac } from './hmac.ts';

const SALT_BYTES = 16;
/** Between salt and key: one record of 4,096 bytes holds everything that push services take; the key has 65 (RFC 8188, section 2.1). */
const SIZES = Buffer.of(0, 0, 0x10, 0, 65);
/** The last record ends in this (RFC 8188, section 2). */
const END = '\u0002';

/** The counter of the one block that is ever expanded. */
const ONE = Buffer.of(1);
const KEY_INFO = Buffer.from('WebPush: info\0');
const CONTENT_INFO = Buffer.from('Content-Encoding: aes128gcm\0');
const NONCE_INFO = Buffer.from('Content-Encoding: nonce\0');

interface KeyPair {
	privateKey: KeyObject;
	publicKey: KeyObject;
}

/** A new one for each message (RFC 8291, section 3.1). */
const newKeyPair = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/**
 * Encrypts for the subscription's browser alone (RFC 8291): the body of a push, `Content-Encoding: aes128gcm`.
 * Throws where the subscription's key is no point of the curve. `given` is for the RFC's example.
 */
export function encrypt(
	{ p256dh, auth }: Subscription['keys'],
	payload: string,
	given: { sender?: KeyPair; salt?: Uint8Array } = {}
): Buffer {
	const { sender = newKeyPair(), salt = newSalt() } = given;
	const receiver = receiverOf(p256dh);
	// Uncompressed.
	const senderPoint = sender.publicKey.export({ format: 'raw-public' });
	const shared = diffieHellman({ privateKey: sender.privateKey, publicKey: receiver.key });
	const info = [KEY_INFO, receiver.point, senderPoint];
	const secret = expand(hmac(Buffer.from(auth, 'base64url'), shared), ...info);
	const prk = hmac(salt, secret);
	// As a key object: for a key of plain bytes Node makes and throws away two errors, which take longer than the cipher.
	const key = createSecretKey(expand(prk, CONTENT_INFO).subarray(0, 16));
	const cipher = createCipheriv('aes-128-gcm', key, expand(prk, NONCE_INFO).subarray(0, 12));
	return Buffer.concat([
		salt,
		SIZES,
		senderPoint,
		cipher.update(payload + END, 'utf8'),
		cipher.final(),
		cipher.getAuthTag()
	]);
}

/** The first 32 bytes of HKDF-Expand (RFC 5869, section 2.3); its other half, HKDF-Extract, is `hmac(salt, secret)`. */
const expand = (prk: Buffer, ...info: Buffer[]): Buffer => hmac(prk, ...info, ONE);

/** Drawn, and used up from the front. */
const salts = new Uint8Array(256 * SALT_BYTES);
let saltsUsed = salts.length;

/** Each is used once; asking the system for many at once takes a tenth of the time. */
function newSalt(): Uint8Array {
	if (saltsUsed === salts.length) {
		randomFillSync(salts);
		saltsUsed = 0;
	}
	saltsUsed += SALT_BYTES;
	return salts.subarray(saltsUsed - SALT_BYTES, saltsUsed);
}

interface Receiver {
	point: Buffer;
	key: KeyObject;
}

/** Reading a key costs as much as using it, and the same devices ring again and again. */
const receivers = new Map<string, Receiver>();
const RECEIVERS_MAX = 5_000;

function receiverOf(p256dh: string): Receiver {
	const known = receivers.get(p256dh);
	if (known) return known;
	const point = Buffer.from(p256dh, 'base64url');
	const curve = { asymmetricKeyType: 'ec', namedCurve: 'P-256' } as const;
	const receiver = { point, key: createPublicKey({ format: 'raw-public', key: point, ...curve }) };
	if (receivers.size >= RECEIVERS_MAX) receivers.clear();
	receivers.set(p256dh, receiver);
	return receiver;
}
