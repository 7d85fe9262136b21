import { parentPort } from 'node:worker_threads';
import { encrypt } from './aes128gcm.ts';
import { FIELDS, type Tasks, type Work } from './encryption.ts';

/** Runs in a thread of its own: see encryption.ts. */
parentPort?.on('message', ({ first, fields }: Tasks) => {
	const bodies: Buffer[] = [];
	const problems: Work['problems'] = [];
	for (let i = 0; i < fields.length; i += FIELDS) {
		const [p256dh = '', auth = '', payload = ''] = fields.slice(i, i + FIELDS);
		try {
			bodies.push(encrypt({ p256dh, auth }, payload));
		} catch (error) {
			problems.push([bodies.length, String(error)]);
			bodies.push(Buffer.alloc(0));
		}
	}
	const { ends, memory } = packed(bodies);
	parentPort?.postMessage({ first, memory, ends, problems } satisfies Work, [memory]);
});

/** Puts all bodies into one piece of memory, which is handed over instead of copied. */
function packed(bodies: readonly Buffer[]): { ends: number[]; memory: ArrayBuffer } {
	const ends: number[] = [];
	let bytes = 0;
	for (const { length } of bodies) {
		bytes += length;
		ends.push(bytes);
	}
	const memory = new ArrayBuffer(bytes);
	const all = new Uint8Array(memory);
	for (const [i, body] of bodies.entries()) all.set(body, (ends[i] ?? 0) - body.length);
	return { ends, memory };
}
