import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createWorkLimit } from '../work-limit.ts';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
// Each run takes a thread of four and 19 MiB: two leave room for everything else the pool does.
const limited = createWorkLimit({ running: 2, waiting: 64 });

const derive = promisify(argon2);
const tagOf = (password: string, salt: Buffer) =>
	limited(() =>
		derive('argon2id', {
			// The same characters typed on another keyboard can be other code points (RFC 8265).
			message: password.normalize('NFKC'),
			nonce: salt,
			tagLength: TAG_BYTES,
			...COST
		})
	);

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const HEAD = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$`;

/** A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`. */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(SALT_BYTES);
	return `${HEAD}${base64(salt)}$${base64(await tagOf(password, salt))}`;
}

/** Of nobody's password; costs a verification of an unknown person's as much as anybody's. */
const NOBODY = `${HEAD}${base64(Buffer.alloc(SALT_BYTES))}$${base64(Buffer.alloc(TAG_BYTES))}`;

/** Whether the password made the hash. Without a hash it takes as long, and is false. */
export async function verifyPassword(hash: string | undefined, password: string): Promise<boolean> {
	const stored = hash ?? NOBODY;
	if (!stored.startsWith(HEAD)) throw new Error('the password hash is of another kind or cost');
	const [salt = '', tag = ''] = stored.slice(HEAD.length).split('$');
	const actual = await tagOf(password, Buffer.from(salt, 'base64'));
	return timingSafeEqual(actual, Buffer.from(tag, 'base64')) && hash !== undefined;
}
