import { createHash, randomBytes } from 'node:crypto';

export const mailedDigest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A key for a mail, and all that the database keeps of it. */
export function makeMailedToken(): { token: string; digest: Buffer } {
	const token = randomBytes(32).toString('base64url');
	return { token, digest: mailedDigest(token) };
}

/** Behind the `#`, so that it reaches no server's log and no other site's Referer. */
export const mailedLink = (publicOrigin: string, page: string, token: string): string =>
	`${publicOrigin}/${page}#${token}`;
