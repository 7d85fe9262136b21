import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A generated secret that only its owner can read; made on first use, the same ever after. */
export function secretFile(folder: string, name: string, bytes: number): string {
	const file = path.join(folder, name);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	try {
		writeFileSync(file, `${randomBytes(bytes).toString('base64url')}\n`, {
			flag: 'wx',
			mode: 0o600
		});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	return readFileSync(file, 'utf8').trim();
}
