import { MIN_PROTOCOL_VERSION } from '#contract/protocol.ts';
import { DomainError } from '../domain/errors.ts';

/** Refuses an installed app that speaks a version nobody here understands any more. */
export function requireProtocol(version: number): void {
	if (version >= MIN_PROTOCOL_VERSION) return;
	throw new DomainError('gone', 'This version of the app is too old.', {
		field: 'protocol',
		remedy: 'Reload the app to get the current version.'
	});
}
