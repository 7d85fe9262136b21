import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { LIMITS } from '#contract/limits.ts';
import { DomainError } from '../errors.ts';
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

/** Passwords that every list of stolen ones has, of the length that is asked for. */
const COMMON = new Set(
	`1234567890 0123456789 0987654321 1234567891 12345678910 123456789a 1111111111 0000000000
	1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456 qwertyuiop123 asdfghjkl1
	abcdefghij abcd123456 abc1234567 a123456789 aa12345678 password12 password123 password1234
	password12345 password123456 passw0rd123 p@ssw0rd123 p@ssword123 mypassword welcome123 welcome1234
	iloveyou12 iloveyou123 letmein123 changeme123 administrator admin12345 admin123456 football123
	baseball123 superman123 sunshine123 princess123 monkey1234 dragon1234 master1234 computer123
	trustno1234 starwars123 bellhop123 bellhop1234`.split(/\s+/)
);

/** Throws `invalid` for a password that a guesser tries first. */
export function refuseCommonPassword(password: string, email: string): void {
	const bare = password.toLowerCase();
	const isOneCharacter = new Set(bare).size === 1;
	if (!COMMON.has(bare) && !isOneCharacter && bare !== email) return;
	throw new DomainError('invalid', 'This password is among the first that anybody would guess.', {
		field: 'password',
		remedy: `Choose another of at least ${LIMITS.passwordMin} characters; a few random words do well.`
	});
}
