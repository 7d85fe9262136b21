/**
 * Makes api/domain/account/common-passwords.bin of a list of leaked passwords, one a line, the commonest first:
 * `node scripts/common-passwords.ts <list>`. The file holds the first bytes of their SHA-256, sorted: what people
 * chose is not for reading. Made of Mark Burnett's ten million passwords (public domain), the million commonest.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { LIMITS } from '../src/lib/contract/limits.ts';

const KEPT = 40_000;
const BYTES = 5;

const [list = ''] = process.argv.slice(2);
const common = new Set<string>();
for (const line of readFileSync(list, 'utf8').split('\n')) {
	const password = line.trim().normalize('NFKC').toLowerCase();
	if (password.length >= LIMITS.passwordMin) common.add(password);
	if (common.size === KEPT) break;
}
const digests = [...common]
	.map((password) => createHash('sha256').update(password).digest().subarray(0, BYTES))
	.sort(Buffer.compare);
writeFileSync('api/domain/account/common-passwords.bin', Buffer.concat(digests));
