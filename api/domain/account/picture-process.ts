import { type ChildProcess, fork } from 'node:child_process';
import type { AvatarSize } from '#contract/avatar.ts';
import type { PictureFormat } from './picture-format.ts';

/** A file whose beginning says that it is of the format. */
export interface PictureQuestion {
	bytes: Uint8Array;
	format: PictureFormat;
}

export interface Encoded {
	/** WebP by the length of its side in pixels. */
	sizes: [AvatarSize, Uint8Array][];
	/** SHA-256 of what is to be seen. */
	digest: Uint8Array;
}

/** Encoded, or why not; without a message it is no picture that can be read. */
export type PictureAnswer = Encoded | { message: string; remedy: string } | { message: null };

/** With what the process holds now, and the most that it ever held. */
export type PictureReport = PictureAnswer & { rssBytes: number; peakBytes: number };

const FILE = new URL('./picture-encoder.ts', import.meta.url);
const TIMEOUT_MS = 30_000;
const IDLE_MS = 30_000;
/** A process that holds more after a picture makes no other: decoders leave memory scattered. */
const MOST_RSS = 110 * 1024 * 1024;

/**
 * A process of its own that decodes what strangers upload: a decoder that crashes, hangs or fills the memory takes
 * nothing along, and there are no secrets in it. Started at its first use, kept for the next for a while. `ask` one at
 * a time.
 */
export function createPictureProcess() {
	let child: ChildProcess | undefined;
	let idle: NodeJS.Timeout | undefined;

	/** With nothing of this process's environment; one heap for all threads keeps the memory together. */
	const start = () =>
		fork(FILE, {
			serialization: 'advanced',
			stdio: 'ignore',
			execArgv: [],
			env: { MALLOC_ARENA_MAX: '1' }
		});

	function end(): void {
		clearTimeout(idle);
		child?.kill('SIGKILL');
		child = undefined;
	}

	/** Null where the process did not live to answer. */
	async function ask(question: PictureQuestion): Promise<PictureReport | null> {
		clearTimeout(idle);
		child ??= start();
		const answer = await answerOf(child, question);
		if (!answer || answer.rssBytes > MOST_RSS) end();
		else idle = setTimeout(end, IDLE_MS).unref();
		return answer;
	}
	return { ask, end };
}

function answerOf(child: ChildProcess, question: PictureQuestion): Promise<PictureReport | null> {
	return new Promise((resolve) => {
		const done = (answer: PictureReport | null) => {
			clearTimeout(timer);
			child.removeAllListeners();
			child.on('error', () => {});
			// Between pictures it keeps nobody from stopping.
			child.unref();
			child.channel?.unref();
			resolve(answer);
		};
		const timer = setTimeout(() => done(null), TIMEOUT_MS);
		child.ref();
		child.channel?.ref();
		child.once('message', (answer) => done(answer as PictureReport));
		child.once('exit', () => done(null));
		child.once('error', () => done(null));
		child.send(question, (error) => error && done(null));
	});
}
