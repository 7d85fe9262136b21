import { parentPort } from 'node:worker_threads';
import { encrypt } from './aes128gcm.ts';
import type { Done, Task } from './encryption.ts';

/** Runs in a thread of its own: see encryption.ts. */
parentPort?.on('message', (tasks: Task[]) => {
	const { done, memory } = packed(tasks.map(work));
	parentPort?.postMessage(done, [memory]);
});

function work({ id, keys, payload }: Task): Done {
	try {
		return { id, body: encrypt(keys, payload) };
	} catch (error) {
		return { id, problem: String(error) };
	}
}

/** Puts all bodies into one piece of memory, which is handed over instead of copied. */
function packed(done: readonly Done[]): { done: Done[]; memory: ArrayBuffer } {
	const bytes = done.reduce((sum, one) => sum + ('body' in one ? one.body.length : 0), 0);
	const memory = new ArrayBuffer(bytes);
	let at = 0;
	const moved = done.map((one) => {
		if (!('body' in one)) return one;
		const body = new Uint8Array(memory, at, one.body.length);
		body.set(one.body);
		at += body.length;
		return { id: one.id, body };
	});
	return { done: moved, memory };
}
