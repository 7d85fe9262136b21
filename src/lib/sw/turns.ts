/** By tag: what the next one has to wait for. */
export type Turns = Map<string, Promise<void>>;

/** From a browser's word that a notification stands to the desktop's own. */
const SETTLE_MS = 250;
/** A browser that never says so holds nothing up. */
const LONGEST_MS = 1_000;

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
	const shown = before ? before.then(show) : show();
	const settled = shown.then(
		() => pause(SETTLE_MS),
		() => {}
	);
	const turn = Promise.race([settled, pause(LONGEST_MS)]).then(() => {
		if (turns.get(tag) === turn) turns.delete(tag);
	});
	turns.set(tag, turn);
	return shown;
}
