import { ApiFailure, Offline } from '../sync/request.ts';

/**
 * Something of the server that is not kept on the device, such as a team's members: its last answer
 * in this page, and why there is none. `key` is whose it is; another key's answer is never shown.
 */
export class Loaded<T> {
	#answer = $state.raw<{ key: string; value: T } | null>(null);
	#failure = $state.raw<{ key: string; error: ApiFailure | Offline } | null>(null);
	/** Questions are numbered: an answer that a later one has overtaken is old. */
	#asked = 0;
	#told = 0;
	readonly #key: () => string | null;
	readonly #ask: (key: string) => Promise<T>;
	readonly #join: (answer: T, before: T) => T;

	/** `join`: what of the answer before stays beside a new one; without it nothing does. */
	constructor(
		key: () => string | null,
		ask: (key: string) => Promise<T>,
		join: (answer: T, before: T) => T = (answer) => answer
	) {
		this.#key = key;
		this.#ask = ask;
		this.#join = join;
	}

	get key(): string | null {
		return this.#key();
	}
	get value(): T | null {
		return this.#answer?.key === this.key ? this.#answer.value : null;
	}
	/** Why the last question had no answer; what was known before may still stand. */
	get failure(): ApiFailure | Offline | null {
		return this.#failure?.key === this.key ? this.#failure.error : null;
	}

	/** Asks again; the outcome is in `value` or `failure`. */
	async load(): Promise<void> {
		const { key } = this;
		if (key === null) return;
		const number = ++this.#asked;
		const isOld = () => number < this.#told;
		try {
			const answer = await this.#ask(key);
			if (isOld()) return;
			const before = this.#answer?.key === key ? this.#answer : null;
			this.#answer = { key, value: before ? this.#join(answer, before.value) : answer };
			this.#failure = null;
		} catch (error) {
			if (!(error instanceof ApiFailure || error instanceof Offline)) throw error;
			if (isOld()) return;
			this.#failure = { key, error };
		}
		this.#told = number;
	}

	/** Takes over what the server answered to a change; what was asked before it is old. */
	set(value: T): void {
		const { key } = this;
		if (key === null) return;
		this.#told = ++this.#asked;
		this.#answer = { key, value };
	}

	/** Adds what comes after the answer; dropped where another answer has come meanwhile. Throws as `more` does. */
	async extend(more: (value: T) => Promise<T>): Promise<void> {
		const before = this.#answer;
		if (before?.key !== this.key) return;
		const value = await more(before.value);
		if (this.#answer === before) this.#answer = { key: before.key, value };
	}
}

/**
 * The newest page of a list that only grows, with the older ones that were fetched before it. Null where something
 * between them may be missing.
 */
export function withOlder<R extends { id: string }>(
	newest: readonly R[],
	before: readonly R[]
): R[] | null {
	const last = newest.at(-1)?.id;
	const at = before.findIndex(({ id }) => id === last);
	return at < 0 ? null : [...newest, ...before.slice(at + 1)];
}
