import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '#contract/protocol.ts';

/** What the wire looked like when the version was last raised. */
const PINNED = { version: 1, hash: 'f89dcf251ee02b47' };

const folder = new URL('../../src/lib/contract/', import.meta.url);

/** Comments may change freely; protocol.ts holds the version itself. */
function contractHash(): string {
	const hash = createHash('sha256');
	for (const name of readdirSync(folder).sort()) {
		if (name === 'protocol.ts') continue;
		const lines = readFileSync(new URL(name, folder), 'utf8').split('\n');
		const code = lines.filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line));
		hash.update(`${name}\0${code.join('\n')}\0`);
	}
	return hash.digest('hex').slice(0, 16);
}

test('the contract is the one that the protocol version names', () => {
	const now = { version: PROTOCOL_VERSION, hash: contractHash() };
	expect(
		now,
		`src/lib/contract has changed. Installed apps and queued mutations still speak version ${PINNED.version}:
1. raise PROTOCOL_VERSION in src/lib/contract/protocol.ts, unless version ${PINNED.version} was never released;
2. raise MIN_PROTOCOL_VERSION only where the old version can no longer be answered;
3. write ${JSON.stringify(now)} into PINNED here.`
	).toEqual(PINNED);
});

test('the oldest version still answered is not newer than the current one', () => {
	expect(MIN_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
});
