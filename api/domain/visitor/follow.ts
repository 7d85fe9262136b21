import type { WidgetState } from '#contract/widget.ts';
import { headOf } from '../../store/change.ts';
import type { VisitorCtx } from '../context.ts';
import type { Delta } from '../sync/delta.ts';
import type { Deltas } from '../sync/deltas.ts';
import { readView, type View } from './read-state.ts';

/** A visitor's place in their conversation. */
export interface VisitorFollower {
	/**
	 * What the widget is to show now, with the messages it has not been sent; null where nothing it
	 * shows has changed up to `newest`, a version that was heard of.
	 */
	next(newest: number): Promise<WidgetState | null>;
	/** After which a green dot must be asked for again; undefined where none is shown. */
	renewInMs(): number | undefined;
	/** Makes the next answer a whole one, whether or not something has changed. */
	renew(): void;
}

// No busier than this, however short a lease is.
const MIN_RENEW_MS = 1_000;

/** Starts behind message number `after`. */
export function createVisitorFollower(
	ctx: VisitorCtx,
	deltas: Deltas,
	start: { after: number }
): VisitorFollower {
	const { teamId, visitorId, botId } = ctx.actor;
	let { after } = start;
	let version: number | undefined;
	let shown: View | undefined;
	let isDue = true;

	const concerns = (delta: Delta): boolean =>
		delta.team !== null ||
		delta.isBotChanged ||
		delta.memberIds.size > 0 ||
		delta.conversations.some((conversation) => conversation.visitor.id === visitorId);

	/** Whether anything the widget shows may have changed; one delta tells all of a bot's visitors. */
	async function isTouched(newest: number): Promise<boolean> {
		if (version === undefined) {
			version = (await ctx.db.team(teamId, headOf))?.version ?? 0;
			return true;
		}
		let touched = false;
		while (version < newest) {
			const delta: Delta = await deltas.get({ teamId, after: version, botIds: [botId], newest });
			version = delta.version;
			touched ||= concerns(delta);
		}
		return touched;
	}

	return {
		async next(newest) {
			const touched = await isTouched(newest);
			if (!touched && !isDue) return null;
			let view = await readView(ctx, { after });
			if (shown && isToResend(shown, view)) view = await readView(ctx, { after: 0 });
			const isSame = shown && !isDue && isUnchanged(shown, view);
			shown = view;
			isDue = false;
			if (isSame) return null;
			// By what was sent, not by the conversation's number: a message may come between the two reads.
			after = Math.max(after, view.state.messages.at(-1)?.seq ?? 0);
			return view.state;
		},
		renewInMs() {
			const { status, validForMs } = shown?.state.availability ?? { status: 'none', validForMs: 0 };
			const isPassing = status === 'online' || status === 'checking';
			return isPassing ? Math.max(MIN_RENEW_MS, Math.floor(validForMs / 2)) : undefined;
		},
		renew() {
			isDue = true;
		}
	};
}

/** Another conversation, or a name or picture that was sent is another one now. */
const isToResend = (before: View, now: View): boolean =>
	before.state.conversation?.id !== now.state.conversation?.id ||
	[...before.looks].some(([userId, look]) => (now.looks.get(userId) ?? look) !== look);

/** Durations move by themselves; only what they belong to counts. */
function isUnchanged(before: View, now: View): boolean {
	if (now.state.messages.length > 0) return false;
	const facts = ({ conversation, availability: { status, agents } }: WidgetState) =>
		JSON.stringify({ conversation, status, agents });
	return facts(before.state) === facts(now.state);
}
