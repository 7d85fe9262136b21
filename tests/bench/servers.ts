import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Ready } from './serve.ts';

/** A server in a process of its own; it ends with `stop` or with this process. */
export interface BenchServer extends Ready {
	origin: string;
	stop(): Promise<void>;
}

/** Starts `app` with so many signed-in agents of one team, or the `bare` baseline. */
export async function startBench(kind: 'app' | 'bare', agents = 0): Promise<BenchServer> {
	const file = path.join(import.meta.dirname, 'serve.ts');
	const child: ChildProcess = fork(file, [kind, String(agents)]);
	const died = once(child, 'exit').then(([code]) => {
		throw new Error(`the ${kind} server ended with ${code}`);
	});
	died.catch(() => {});
	const [ready] = (await Promise.race([once(child, 'message'), died])) as [Ready];
	return {
		...ready,
		origin: `http://127.0.0.1:${ready.port}`,
		async stop() {
			const ended = once(child, 'exit');
			child.disconnect();
			await ended;
		}
	};
}

/** As a page of the app sends, from an address of its own. */
export const headersOf = (n: number): Record<string, string> => ({
	Origin: 'http://localhost:3000',
	'Sec-Fetch-Site': 'same-origin',
	'X-Forwarded-For': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
});
