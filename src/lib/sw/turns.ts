interface Turn {
	/** It has been handed to the browser; before, the one before it stands. */
	isShown: boolean;
	/** The browser has had the time to see it stand. */
	stood: Promise<void>;
	/** So has the desktop: the next one may come. */
	over: Promise<void>;
}

/** By tag: the newest. */
export type Turns = Map<string, Turn>;

/** The worker's. */
export const turns: Turns = new Map();

/**
 * From a browser's word that a notification stands to its own look whether one does: Chromium looks once the push event
 * is over, finds none where it was closed in between, and says "updated in the background". Measured: 40 ms and less.
 */
const STAND_MS = 150;
/**
 * From there to the desktop's own word. Chromium on Linux knows a notification by it: what comes before is put up beside
 * the first, not in its place. A busy desktop takes its time.
 */
const REST_MS = 850;
/** A browser that never says so holds nothing up. */
const LONGEST_MS = 3_000;

/**
 * Shows what has one tag one after the other: of two that arrive within a moment a desktop may keep both, or neither.
 * The first is shown within the call, before anything is waited for.
 */
export function inTurn(
	{ turns, pause }: { turns: Turns; pause(ms: number): Promise<void> },
	tag: string,
	show: () => Promise<void>
): Promise<void> {
	const before = turns.get(tag);
	const afterIt = () => {
		turn.isShown = true;
		return show();
	};
	const shown = before ? before.over.then(afterIt) : show();
	const seen = shown.then(
		() => pause(STAND_MS),
		() => {}
	);
	const stood = Promise.race([seen, pause(LONGEST_MS)]);
	const over = stood
		.then(() => pause(REST_MS))
		.then(() => {
			if (turns.get(tag) === turn) turns.delete(tag);
		});
	const turn: Turn = { isShown: !before, stood, over };
	turns.set(tag, turn);
	return shown;
}

/** Closes one that was pressed, once it has stood; none that a newer one of its tag is about to replace. */
export async function closeInTurn(
	turns: Turns,
	notification: { readonly tag: string; close(): void }
): Promise<void> {
	const turn = turns.get(notification.tag);
	if (turn && !turn.isShown) return;
	if (turn) await turn.stood;
	notification.close();
}
