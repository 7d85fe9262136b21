import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { newWebhookSecret, shownWebhookSecret, signatureOf } from '../../api/push/webhook.ts';

/** The example that the libraries of standardwebhooks.com are tested with. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CALL = {
	id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
	timestamp: 1614265330,
	body: '{"test": 2432232314}'
};

test('a webhook’s signature is that of Standard Webhooks’ example', () => {
	expect(signatureOf(SECRET, CALL)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('with a secret of our own it is what openssl makes of the scheme’s words', () => {
	const secret = shownWebhookSecret('key', newWebhookSecret('key')) ?? '';
	expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
	const hex = Buffer.from(secret.slice('whsec_'.length), 'base64').toString('hex');
	const body = '{"visitor":"Mía 😀"}';
	const mac = execFileSync(
		'openssl',
		['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${hex}`, '-binary'],
		{ input: `${CALL.id}.${CALL.timestamp}.${body}` }
	);
	expect(signatureOf(secret, { ...CALL, body })).toBe(`v1,${mac.toString('base64')}`);
});
