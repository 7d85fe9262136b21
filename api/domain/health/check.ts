import type { Db } from '../../store/db.ts';
import { ping } from '../../store/ping.ts';
import { DomainError } from '../errors.ts';

/** Throws `unavailable` while the database does not answer. */
export async function checkHealth(db: Db): Promise<void> {
	try {
		await ping(db.person);
	} catch {
		throw new DomainError('unavailable', 'The database does not answer.', {
			remedy: 'Try again in a moment.'
		});
	}
}
