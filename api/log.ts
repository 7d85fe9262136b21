import pino from 'pino';
import type { LogLevel } from './config.ts';
import type { Log } from './domain/context.ts';

/** Fields that would be personal data or secrets, should a caller pass them by mistake, at any of two depths. */
const PRIVATE = [
	...['email', 'name', 'firstName', 'lastName', 'body', 'password', 'token', 'cookie'],
	...['authorization', 'endpoint', 'userAgent']
].flatMap((field) => [field, `*.${field}`]);

/** The one logger: a JSON object a line on stderr, beside what is printed for people on stdout. */
export function createLog(level: LogLevel): Log {
	const logger = pino(
		{ level, base: null, redact: { paths: PRIVATE, remove: true } },
		// Synchronous, so that the last line before an exit is there.
		pino.destination({ dest: 2, sync: true })
	);
	return {
		info: (fields, message) => logger.info(fields, message),
		warn: (fields, message) => logger.warn(fields, message),
		error: (fields, message) => logger.error(fields, message)
	};
}
