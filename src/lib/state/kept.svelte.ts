/** What somebody sets, made of what there was before. */
export type Change<T> = (before: T) => Partial<T>;

/**
 * What the server keeps for the person, and what it is with the changes that wait for the server's word. They are seen
 * at once, and sent one after the other: what is set while an answer is awaited goes together.
 */
export class Kept<T extends object> {
	saved = $state.raw<T | null>(null);
	#changes = $state.raw<readonly Change<T>[]>([]);
	/** The sending that has not begun, so that it takes along whatever is set until then. */
	#next: Promise<unknown> | null = null;
	readonly #inTurn: (work: () => Promise<void>) => Promise<unknown>;
	readonly #send: (wanted: T) => Promise<T>;
	readonly value = $derived(this.saved && changed(this.saved, this.#changes));

	/** `inTurn` runs one thing after the other; `send` resolves with what the server has then. */
	constructor(
		inTurn: (work: () => Promise<void>) => Promise<unknown>,
		send: (wanted: T) => Promise<T>
	) {
		this.#inTurn = inTurn;
		this.#send = send;
	}

	/** Resolves when the server has answered; what it does not take goes back. */
	async change(change: Change<T>): Promise<void> {
		this.#changes = [...this.#changes, change];
		this.#next ??= this.#inTurn(() => this.#sendChanges());
		await this.#next;
	}

	/** Sends at once what still waits, since a page that is left waits for no answer. */
	leave(): void {
		if (this.#next && this.value) this.#send(this.value).catch(() => {});
	}

	async #sendChanges(): Promise<void> {
		this.#next = null;
		const sent = this.#changes;
		try {
			if (this.saved) this.saved = await this.#send(changed(this.saved, sent));
		} finally {
			this.#changes = this.#changes.filter((change) => !sent.includes(change));
		}
	}
}

function changed<T extends object>(before: T, changes: readonly Change<T>[]): T {
	let value = before;
	for (const change of changes) value = { ...value, ...change(value) };
	return value;
}
