import type { PublicMessage } from '#contract/widget.ts';
import type { FrameWords } from '../words.ts';
import { shortName } from './status.ts';

/** A state change in the visitor's words; null for those the rest of the widget already shows. */
export function eventLine({ event, author }: PublicMessage, words: FrameWords): string | null {
	const name = author && shortName(author);
	switch (event) {
		case 'joined':
			return name && words.joined(name);
		case 'transferred':
			return name && words.transferred(name);
		case 'resolved':
			return name ? words.resolved(name) : words.resolvedByTeam;
		case 'reopened':
			return words.reopened;
		case 'handed_back':
			return words.handedBack;
		default:
			return null;
	}
}
