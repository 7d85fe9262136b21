import { parentPort } from 'node:worker_threads';
import webPush from 'web-push';
import type { Done, Task } from './encryption.ts';

/** Runs in a thread of its own: see encryption.ts. */
parentPort?.on('message', (tasks: Task[]) => {
	parentPort?.postMessage(tasks.map(encrypt));
});

function encrypt({ id, p256dh, auth, payload }: Task): Done {
	try {
		const { cipherText } = webPush.encrypt(p256dh, auth, payload, 'aes128gcm');
		return { id, body: cipherText };
	} catch (error) {
		return { id, problem: String(error) };
	}
}
