import { ApiFailure } from '$lib/sync/request.ts';
import { failureText } from './failure.ts';

/** Something that a person asks the server for, one at a time, and what became of it. */
export class Attempt {
	isBusy = $state(false);
	/** Why it did not happen, and what to do. */
	problem = $state<string | null>(null);
	#field = $state<string | null>(null);

	/** Resolves with whether it was done. */
	async run(work: () => Promise<unknown>): Promise<boolean> {
		if (this.isBusy) return false;
		this.isBusy = true;
		this.clear();
		try {
			await work();
			return true;
		} catch (error) {
			this.problem = failureText(error);
			this.#field = error instanceof ApiFailure ? error.field : null;
			return false;
		} finally {
			this.isBusy = false;
		}
	}
	clear(): void {
		this.problem = null;
		this.#field = null;
	}
	/** The problem, where it is about this field. */
	of(field: string): string | null {
		return this.#field === field ? this.problem : null;
	}
	/** The problem, where none of these fields shows it. */
	besides(...fields: string[]): string | null {
		return this.#field !== null && fields.includes(this.#field) ? null : this.problem;
	}
}
