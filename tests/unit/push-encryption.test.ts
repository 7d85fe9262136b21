import { createPrivateKey, createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import webPush from 'web-push';
import { encrypt } from '../../api/push/aes128gcm.ts';
import { createEncryption } from '../../api/push/encryption.ts';
import { createReceiver } from '../support/push/receiver.ts';

const bytes = (text: string) => Buffer.from(text, 'base64url');

/** RFC 8291, section 5 and appendix A. */
const RFC = {
	plaintext: 'When I grow up, I want to be a watermelon',
	senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
	receiverPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
	receiverPublic:
		'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
	salt: 'DGv6ra1nlYgDCS1FRnbzlw',
	auth: 'BTBZMqHH6r4Tts7J_aSIgg',
	message:
		'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN'
};

const rfcReceiver = createReceiver({
	privateKey: bytes(RFC.receiverPrivate),
	auth: bytes(RFC.auth)
});

function rfcSender() {
	const privateKey = createPrivateKey({
		...{ format: 'raw-private', key: bytes(RFC.senderPrivate) },
		...{ asymmetricKeyType: 'ec', namedCurve: 'P-256' }
	});
	return { privateKey, publicKey: createPublicKey(privateKey) };
}

describe('the RFC’s example', () => {
	it('comes out byte for byte', () => {
		const keys = { p256dh: RFC.receiverPublic, auth: RFC.auth };
		const given = { sender: rfcSender(), salt: bytes(RFC.salt) };
		expect(encrypt(keys, RFC.plaintext, given).toString('base64url')).toBe(RFC.message);
	});

	it('is read by the receiver that all tests of pushes read with', () => {
		expect(rfcReceiver.keys).toEqual({ p256dh: RFC.receiverPublic, auth: RFC.auth });
		expect(rfcReceiver.decrypt(bytes(RFC.message))).toBe(RFC.plaintext);
	});
});

describe('a message', () => {
	it('of any text is read by its receiver, as one of the web-push library is', () => {
		const receiver = createReceiver();
		const { p256dh, auth } = receiver.keys;
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (any) => {
				const text = any.toWellFormed();
				expect(receiver.decrypt(encrypt(receiver.keys, text))).toBe(text);
				const { cipherText } = webPush.encrypt(p256dh, auth, text || ' ', 'aes128gcm');
				expect(receiver.decrypt(cipherText)).toBe(text || ' ');
			})
		);
	});

	it('is never the same twice: a new key and a new salt each time', () => {
		const { keys } = createReceiver();
		const [one, two] = [encrypt(keys, 'hello'), encrypt(keys, 'hello')];
		expect(one.subarray(0, 16)).not.toEqual(two.subarray(0, 16));
		expect(one.subarray(21, 86)).not.toEqual(two.subarray(21, 86));
	});

	it('is not read by anybody else', () => {
		const body = encrypt(createReceiver().keys, 'secret');
		expect(() => createReceiver().decrypt(body)).toThrow();
	});

	it('for a key that is no point of the curve is refused', () => {
		const { auth } = createReceiver().keys;
		const p256dh = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]).toString('base64url');
		expect(() => encrypt({ p256dh, auth }, 'hello')).toThrow();
	});
});

describe('the encryption thread', () => {
	const encryption = createEncryption();
	afterAll(() => encryption.close());

	it('gives each its own, also where one of many has a broken key', async () => {
		const receivers = Array.from({ length: 40 }, () => createReceiver());
		const broken = { p256dh: 'x', auth: 'y' };
		const all = receivers.map(({ keys }, n) =>
			encryption.encrypt(n === 20 ? broken : keys, `message ${n}`)
		);
		for (const [n, body] of (await Promise.allSettled(all)).entries()) {
			if (n === 20) expect(body.status).toBe('rejected');
			else if (body.status === 'fulfilled')
				expect(receivers[n]?.decrypt(body.value)).toBe(`message ${n}`);
			else throw body.reason;
		}
	});
});
