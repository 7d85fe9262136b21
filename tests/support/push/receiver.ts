import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';

/**
 * A browser's end of the encryption (RFC 8291, RFC 8188), written apart from the one under test: keys as a
 * subscription carries them, and the plaintext of what arrives. `given` is for the RFC's example.
 */
export function createReceiver(given?: { privateKey: Buffer; auth: Buffer }) {
	const ecdh = createECDH('prime256v1');
	if (given) ecdh.setPrivateKey(given.privateKey);
	else ecdh.generateKeys();
	const publicKey = ecdh.getPublicKey();
	const auth = given?.auth ?? randomBytes(16);
	return {
		keys: { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') },
		decrypt(body: Buffer): string {
			const salt = body.subarray(0, 16);
			const keyLength = body[20] ?? 0;
			const senderKey = body.subarray(21, 21 + keyLength);
			const record = body.subarray(21 + keyLength);
			const derive = (secret: Buffer, with_: Buffer, info: string | Buffer, length: number) =>
				Buffer.from(hkdfSync('sha256', secret, with_, info, length));
			const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, senderKey]);
			const secret = derive(ecdh.computeSecret(senderKey), auth, keyInfo, 32);
			const key = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
			const nonce = derive(secret, salt, 'Content-Encoding: nonce\0', 12);
			const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
			decipher.setAuthTag(record.subarray(-16));
			const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
			// The last record ends in a 2 and zeros.
			return padded.subarray(0, padded.lastIndexOf(2)).toString();
		}
	};
}
