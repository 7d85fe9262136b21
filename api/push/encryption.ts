import { Worker } from 'node:worker_threads';
import type { Subscription } from '../store/push-subscription.ts';

export interface Encryption {
	/** The body of a push (RFC 8188, aes128gcm) that the subscription's browser alone can read. */
	encrypt(keys: Subscription['keys'], payload: string): Promise<Buffer>;
	close(): void;
}

/** What goes to the thread: many at once and as plain as can be, for a message between threads has its price. */
export interface Tasks {
	/** Number of the first; the others follow. */
	first: number;
	/** Of each task: p256dh, auth, payload. */
	fields: string[];
}
export const FIELDS = 3;

/** What comes back: the bodies in order, one after the other in one piece of memory. */
export interface Work {
	first: number;
	memory: ArrayBuffer;
	/** Where each body ends. */
	ends: number[];
	/** Which of them failed, and why; their bodies are empty. */
	problems: [index: number, reason: string][];
}

interface Waiting {
	resolve(body: Buffer): void;
	reject(error: Error): void;
}

/**
 * Encrypts on a thread of its own, so that a thousand pushes hold up nobody's beat or message. The thread starts
 * with the first push; one that dies is replaced, and what it had is refused.
 */
export function createEncryption(): Encryption {
	const waiting = new Map<number, Waiting>();
	let worker: Worker | undefined;
	let fields: string[] = [];
	let ids = 0;

	const fail = (reason: string) => {
		worker = undefined;
		for (const { reject } of waiting.values()) reject(new Error(reason));
		waiting.clear();
	};
	const start = (): Worker => {
		const started = new Worker(new URL('./encryption-thread.ts', import.meta.url));
		started.unref();
		started.on('message', ({ first, memory, ends, problems }: Work) => {
			const reasons = new Map(problems);
			let start = 0;
			for (const [i, end] of ends.entries()) {
				const asked = waiting.get(first + i);
				waiting.delete(first + i);
				const reason = reasons.get(i);
				if (reason === undefined) asked?.resolve(Buffer.from(memory, start, end - start));
				else asked?.reject(new Error(reason));
				start = end;
			}
		});
		started.on('error', (error) => fail(`the encryption thread failed: ${error.message}`));
		started.on('exit', () => worker === started && fail('the encryption thread ended'));
		return started;
	};
	const post = () => {
		worker ??= start();
		const first = ids - fields.length / FIELDS;
		worker.postMessage({ first, fields } satisfies Tasks);
		fields = [];
	};
	return {
		encrypt: ({ p256dh, auth }, payload) =>
			new Promise((resolve, reject) => {
				waiting.set(ids++, { resolve, reject });
				if (fields.length === 0) setImmediate(post);
				fields.push(p256dh, auth, payload);
			}),
		close() {
			const ending = worker;
			fail('the server is stopping');
			void ending?.terminate();
		}
	};
}
