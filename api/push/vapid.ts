import { createHash } from 'node:crypto';
import webPush from 'web-push';
import type { Log } from '../domain/context.ts';
import type { Db } from '../store/db.ts';
import { findServerKey, keepServerKey } from '../store/server-key.ts';
import { seal, unseal } from './secrets.ts';

const NAME = 'vapid';

/** Apple wants a token for an hour at least; all want it to end within a day (RFC 8292, section 2). */
const TOKEN_FOR_MS = 12 * 3_600_000;
const TOKEN_CACHED_MS = 4 * 3_600_000;

/** This server's identity towards the push services. */
export interface Vapid {
	/** Uncompressed P-256 point, base64url: the browsers' `applicationServerKey`. */
	publicKey: string;
	keyId: string;
	/** The `Authorization` header for a push service's origin. */
	authorization(origin: string): string;
	/** Signs anew next time: the service has refused the last one. */
	forget(origin: string): void;
}

/**
 * Opens the key pair, made on the first start. It is permanent: every registration is bound to it, and a new one
 * would cost every iPhone a tap.
 */
export async function openVapid(given: {
	db: Db;
	secretKey: string;
	subject: string;
	now(): number;
}): Promise<Vapid> {
	const { publicKey, privateKey } = await openKeys(given.db, given.secretKey);
	const tokens = new Map<string, { header: string; until: number }>();
	return {
		publicKey,
		keyId: keyIdOf(publicKey),
		authorization(origin) {
			const now = given.now();
			const cached = tokens.get(origin);
			if (cached && cached.until > now) return cached.header;
			const expiresAt = Math.floor((now + TOKEN_FOR_MS) / 1000);
			const { Authorization: header } = webPush.getVapidHeaders(
				origin,
				given.subject,
				publicKey,
				privateKey,
				'aes128gcm',
				expiresAt
			);
			tokens.set(origin, { header, until: now + TOKEN_CACHED_MS });
			return header;
		},
		forget: (origin) => void tokens.delete(origin)
	};
}

export const keyIdOf = (publicKey: string): string =>
	createHash('sha256').update(publicKey).digest('hex').slice(0, 16);

async function openKeys(
	db: Db,
	secretKey: string
): Promise<{ publicKey: string; privateKey: string }> {
	let kept = await findServerKey(db.person, NAME);
	if (!kept) {
		const made = webPush.generateVAPIDKeys();
		kept = await keepServerKey(db.person, NAME, {
			publicValue: made.publicKey,
			sealedValue: seal(secretKey, NAME, made.privateKey)
		});
	}
	try {
		return {
			publicKey: kept.publicValue,
			privateKey: unseal(secretKey, NAME, kept.sealedValue)
		};
	} catch (cause) {
		throw new Error(
			'The push key in the database was sealed with another SECRET_KEY: start with that one again',
			{ cause }
		);
	}
}

/**
 * Whom a push service may write to about this server (RFC 8292, section 2.1). Apple refuses one that is not real,
 * so a server without CONTACT and without a public https origin says so in its log.
 */
export function vapidSubject(
	{ contact, publicOrigin }: { contact?: string | undefined; publicOrigin: string },
	log: Log
): string {
	if (contact) return contact;
	const { protocol, hostname } = new URL(publicOrigin);
	if (protocol === 'https:' && hostname.includes('.')) return publicOrigin;
	log.warn({}, 'CONTACT is not set: Apple refuses pushes until it is a mailto: or https: address');
	return 'mailto:operator@localhost';
}
