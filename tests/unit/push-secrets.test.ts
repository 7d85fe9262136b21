import { describe, expect, it } from 'vitest';
import { createPushTokens, seal, unseal } from '../../api/push/secrets.ts';
import { vapidSubject } from '../../api/push/vapid.ts';

describe('a sealed value', () => {
	it('opens with its key and name alone, and differs each time', () => {
		const sealed = seal('key', 'vapid', 'secret');
		expect(unseal('key', 'vapid', sealed)).toBe('secret');
		expect(seal('key', 'vapid', 'secret')).not.toBe(sealed);
		expect(() => unseal('another', 'vapid', sealed)).toThrow();
		expect(() => unseal('key', 'another', sealed)).toThrow();
	});

	it('that was altered anywhere does not open', () => {
		const bytes = Buffer.from(seal('key', 'vapid', 'secret'), 'base64url');
		for (let i = 0; i < bytes.length; i++) {
			const altered = Buffer.from(bytes);
			altered[i] = (altered[i] ?? 0) ^ 1;
			expect(() => unseal('key', 'vapid', altered.toString('base64url'))).toThrow();
		}
		expect(() => unseal('key', 'vapid', '')).toThrow();
	});
});

describe('names towards a push service', () => {
	const { topicOf, ackTokenOf } = createPushTokens('key');

	it('are the same for the same conversation, and tell nothing', () => {
		expect(topicOf('a')).toMatch(/^[0-9a-f]{20}$/);
		expect(topicOf('a')).toBe(createPushTokens('key').topicOf('a'));
		expect(topicOf('a')).not.toBe(topicOf('b'));
		expect(topicOf('a')).not.toBe(createPushTokens('another').topicOf('a'));
	});

	it('are others than the tokens that prove a push', () => {
		expect(ackTokenOf('a')).toMatch(/^[A-Za-z0-9_-]{43}$/);
		expect(ackTokenOf('a')).not.toBe(ackTokenOf('b'));
		expect(Buffer.from(ackTokenOf('a'), 'base64url').toString('hex')).not.toContain(topicOf('a'));
	});
});

describe('whom a push service may write to', () => {
	const subject = (publicOrigin: string, contact?: string) => {
		const warnings: string[] = [];
		const quiet = () => {};
		const log = {
			info: quiet,
			error: quiet,
			warn: (_: object, line: string) => warnings.push(line)
		};
		return { subject: vapidSubject({ publicOrigin, contact }, log), warnings };
	};

	it('is CONTACT, else the public address', () => {
		expect(subject('http://localhost:3000', 'mailto:ops@example.com').subject).toBe(
			'mailto:ops@example.com'
		);
		expect(subject('https://chat.example.com')).toEqual({
			subject: 'https://chat.example.com',
			warnings: []
		});
	});

	it('is missing on a local server, which says what that costs', () => {
		for (const origin of [
			'http://localhost:3000',
			'https://localhost',
			'http://chat.example.com'
		]) {
			const { subject: found, warnings } = subject(origin);
			expect(found).toMatch(/^mailto:/);
			expect(warnings.join()).toContain('Apple');
		}
	});
});
