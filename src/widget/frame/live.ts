/** How the frame hears from the server: a stream while it is looked at, a question a minute otherwise. */
export type Mode = 'stream' | 'ask' | 'rest';

export interface Live {
	setMode(mode: Mode): void;
	/** Leaves a wait early, because the network has come back. */
	wake(): void;
}

interface LiveDeps {
	/** Runs until the stream ends; throws when it could not be had. Calls `alive` whenever it hears something. */
	stream(signal: AbortSignal, alive: () => void): Promise<void>;
	ask(): Promise<void>;
	setConnected(isConnected: boolean): void;
}

const ASK_EVERY_MS = 60_000;
const RETRY_MS = { first: 1000, most: 30_000 };
/** A stream silent for this long is dead, whatever the network says; the server speaks more often. */
const SILENCE_MS = 60_000;

/** Resolves after `ms`, or as soon as `signal` fires. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);
		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** Half of the wait is chance, so that a restarted server does not meet everybody at once. */
const jittered = (ms: number) => ms / 2 + (Math.random() * ms) / 2;

/** One stream, from opening to its end, given up after a silence. */
async function follow(deps: LiveDeps, signal: AbortSignal): Promise<void> {
	const attempt = new AbortController();
	const stop = () => attempt.abort();
	signal.addEventListener('abort', stop);
	let watch = setTimeout(stop, SILENCE_MS);
	try {
		await deps.stream(attempt.signal, () => {
			clearTimeout(watch);
			watch = setTimeout(stop, SILENCE_MS);
			deps.setConnected(true);
		});
	} finally {
		clearTimeout(watch);
		signal.removeEventListener('abort', stop);
	}
}

export function createLive(deps: LiveDeps): Live {
	let mode: Mode = 'rest';
	let stop = new AbortController();

	async function run(signal: AbortSignal): Promise<void> {
		let failures = 0;
		while (!signal.aborted) {
			const began = Date.now();
			try {
				if (mode === 'stream') await follow(deps, signal);
				else await deps.ask();
				// A stream may end by the server's wish; only one that cannot be had again is no connection.
				if (!signal.aborted && mode === 'ask') deps.setConnected(true);
				failures = mode === 'ask' || Date.now() - began > RETRY_MS.most ? 0 : failures + 1;
			} catch {
				if (!signal.aborted) deps.setConnected(false);
				failures += 1;
			}
			const backoff = Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.most);
			await sleep(mode === 'ask' ? ASK_EVERY_MS : jittered(backoff), signal);
		}
	}

	function restart(): void {
		stop.abort();
		stop = new AbortController();
		if (mode !== 'rest') void run(stop.signal);
	}

	return {
		setMode(next) {
			if (next === mode) return;
			mode = next;
			restart();
		},
		wake: restart
	};
}
