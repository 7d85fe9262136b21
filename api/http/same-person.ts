import { DomainError } from '../domain/errors.ts';
import type { AgentActor } from './session.ts';

/**
 * The cookie is the browser's: a page of who was here before may still ask and send. What it asks for would land in
 * the wrong databases, and what it sends would go out in the wrong name, so neither is done. `userId`: whom it names.
 */
export function requireSamePerson(actor: AgentActor, userId: string | undefined): void {
	if (userId === undefined || userId === actor.userId) return;
	throw new DomainError('unauthenticated', 'Somebody else is signed in in this browser.', {
		remedy: 'Sign in again.'
	});
}
