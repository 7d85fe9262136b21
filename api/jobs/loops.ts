/** A batch that takes longer waits for somebody outside. */
const LONG_MS = 250;

/** Puts a loop's batch through. */
export type Watch = <T>(batch: () => Promise<T>) => Promise<T>;

export interface LoopsOptions {
	/** How many there are; while every one of them has had its batch for long there is one more, up to `most`. */
	few: number;
	most: number;
	/** Starts one, whose batches go through `watch`; resolves to its id. */
	open(watch: Watch): Promise<string>;
	/** Ends one after its batch. */
	close(id: string): void;
	/** Hears why one more could not be started; those that are there go on. */
	failed(error: unknown): void;
}

/**
 * The loops that take batches of one kind of job, each a batch of its own, so that work that waits for a push or a mail
 * server that does not answer holds up none that comes after it.
 */
export function createLoops({ few, most, open, close, failed }: LoopsOptions) {
	const ids = new Set<string>();
	let busy = 0;
	let isAdding = false;
	let isStopped = false;
	const add = async () => {
		let id = '';
		id = await open(async (batch) => {
			busy++;
			const long = setTimeout(addWhereAllAreBusy, LONG_MS);
			try {
				return await batch();
			} finally {
				clearTimeout(long);
				busy--;
				// Beside this one another has nothing to do.
				if (ids.size > few && ids.size - busy > 1 && ids.delete(id)) close(id);
			}
		});
		ids.add(id);
	};
	const addWhereAllAreBusy = async () => {
		if (isAdding || isStopped || busy < ids.size || ids.size >= most) return;
		isAdding = true;
		await add().catch(failed);
		isAdding = false;
	};
	return {
		ids: ids as ReadonlySet<string>,
		async start() {
			for (let i = 0; i < few; i++) await add();
		},
		/** Adds none from now on. */
		stop() {
			isStopped = true;
		}
	};
}
export type Loops = ReturnType<typeof createLoops>;
