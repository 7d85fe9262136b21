import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { hmac } from './hmac.ts';

/** A key of its own for each purpose, so that none tells anything about another. */
const derive = (secretKey: string, purpose: string): Buffer =>
	Buffer.from(hkdfSync('sha256', secretKey, '', `bellhop ${purpose}`, 32));

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts for storage with AES-256-GCM, bound to `name`; base64url. */
export function seal(secretKey: string, name: string, plain: string): string {
	const iv = randomBytes(IV_BYTES);
	const cipher = createCipheriv('aes-256-gcm', derive(secretKey, 'seal'), iv).setAAD(
		Buffer.from(name)
	);
	const sealed = [iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
	return Buffer.concat(sealed).toString('base64url');
}

/** The reverse of `seal`; throws where the key or the name is another, or the text was altered. */
export function unseal(secretKey: string, name: string, sealed: string): string {
	const bytes = Buffer.from(sealed, 'base64url');
	const iv = bytes.subarray(0, IV_BYTES);
	const decipher = createDecipheriv('aes-256-gcm', derive(secretKey, 'seal'), iv, {
		authTagLength: TAG_BYTES
	});
	decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
	const text = bytes.subarray(IV_BYTES, -TAG_BYTES);
	return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
}

/** Names of things towards a push service, and tokens that prove a push was received. */
export interface PushTokens {
	/** The push service keeps the newest undelivered message of a topic; the name tells it nothing. */
	topicOf(conversationId: string): string;
	/** The same for each attempt of a delivery, so that whichever arrived can be acknowledged. */
	ackTokenOf(deliveryId: string): string;
}

/** At most 32 characters are allowed, and autopush takes letters and digits only. */
const TOPIC_CHARACTERS = 20;

export function createPushTokens(secretKey: string): PushTokens {
	const topics = derive(secretKey, 'push topic');
	const acks = derive(secretKey, 'push acknowledgement');
	return {
		topicOf: (id) => hmac(topics, Buffer.from(id)).toString('hex').slice(0, TOPIC_CHARACTERS),
		ackTokenOf: (id) => hmac(acks, Buffer.from(id)).toString('base64url')
	};
}

/** What the database keeps of a token. */
export const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer');
