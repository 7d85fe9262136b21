import { expect, test } from 'vitest';
import {
	mailedDigest,
	mailedLink,
	makeMailedToken
} from '../../api/domain/account/mailed-token.ts';

test('a mailed key has 256 random bits, of which a digest is kept', () => {
	const keys = Array.from({ length: 1000 }, makeMailedToken);
	for (const { token, digest } of keys) {
		expect(Buffer.from(token, 'base64url')).toHaveLength(32);
		expect(digest).toEqual(mailedDigest(token));
		expect(digest.toString('base64url')).not.toBe(token);
	}
	expect(new Set(keys.map(({ token }) => token)).size).toBe(keys.length);
});

test('it stands behind the # of a link, where no server’s log has it', () => {
	const url = new URL(mailedLink('https://chat.example.com', 'invitation', 'key'));
	expect([url.pathname, url.search, url.hash]).toEqual(['/invitation', '', '#key']);
});
