import { Worker } from 'node:worker_threads';
import type { Subscription } from '../store/push-subscription.ts';

export interface Encryption {
	/** The body of a push (RFC 8188, aes128gcm) that the subscription's browser alone can read. */
	encrypt(keys: Subscription['keys'], payload: string): Promise<Buffer>;
	close(): void;
}

/** What goes to the thread; many at once, for each message between threads has its price. */
export interface Task {
	id: number;
	keys: Subscription['keys'];
	payload: string;
}
export type Done = { id: number; body: Uint8Array } | { id: number; problem: string };

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
	let batch: Task[] = [];
	let ids = 0;

	const fail = (reason: string) => {
		worker = undefined;
		for (const { reject } of waiting.values()) reject(new Error(reason));
		waiting.clear();
	};
	const start = (): Worker => {
		const started = new Worker(new URL('./encryption-thread.ts', import.meta.url));
		started.unref();
		started.on('message', (done: Done[]) => {
			for (const one of done) {
				const asked = waiting.get(one.id);
				waiting.delete(one.id);
				if ('body' in one) asked?.resolve(viewOf(one.body));
				else asked?.reject(new Error(one.problem));
			}
		});
		started.on('error', (error) => fail(`the encryption thread failed: ${error.message}`));
		started.on('exit', () => worker === started && fail('the encryption thread ended'));
		return started;
	};
	const post = () => {
		worker ??= start();
		worker.postMessage(batch);
		batch = [];
	};
	return {
		encrypt: (keys, payload) =>
			new Promise((resolve, reject) => {
				const id = ids++;
				waiting.set(id, { resolve, reject });
				if (batch.length === 0) setImmediate(post);
				batch.push({ id, keys, payload });
			}),
		close() {
			const ending = worker;
			fail('the server is stopping');
			void ending?.terminate();
		}
	};
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
	Buffer.from(buffer, byteOffset, byteLength);
