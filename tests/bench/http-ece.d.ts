declare module 'http_ece' {
	import type { ECDH } from 'node:crypto';

	/** Encrypted content encoding (RFC 8188) with the keys of RFC 8291. */
	const ece: {
		decrypt(
			body: Buffer,
			params: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }
		): Buffer;
	};
	export default ece;
}
