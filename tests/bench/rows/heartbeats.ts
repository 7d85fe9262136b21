import { newId } from '#contract/ids.ts';
import type { BeatRequest } from '#contract/presence.ts';
import { type Post, postEach, requestsPerSecond } from '../load.ts';
import { interleaved, type Row } from '../row.ts';
import { headersOf, startBench } from '../servers.ts';

// So many that a rate limit, which is per person, is never met.
const AGENTS = 3000;
const LOAD = { connections: 32, durationMs: 1500 };
/** Long enough for the compiler to have seen what is called often. */
const WARM_UP = { ...LOAD, durationMs: 5000 };

function beatsTo(origin: string, cookies: readonly string[]): Post[] {
	return Array.from({ length: AGENTS }, (_, n) => {
		const page = { id: newId(), visibility: 'visible' as const, isFocused: true, idleMs: 900 };
		const body: BeatRequest = { deviceId: newId(), pages: [page] };
		const cookie = cookies[n] ? { Cookie: cookies[n] } : {};
		return {
			url: `${origin}/api/presence/beat`,
			headers: { ...headersOf(n), ...cookie },
			body: JSON.stringify(body)
		};
	});
}

/** Heartbeats through the full stack, against a bare Hono that reads the same JSON. */
export async function heartbeats(): Promise<Row[]> {
	const [app, bare] = [await startBench('app', AGENTS), await startBench('bare')];
	const [toApp, toBare] = [beatsTo(app.origin, app.cookies), beatsTo(bare.origin, [])];
	// Sessions and intents are read once a person; a team at work has them in memory.
	await postEach(toApp, LOAD);
	await requestsPerSecond(toApp, WARM_UP);
	await requestsPerSecond(toBare, WARM_UP);
	const row = await interleaved({
		name: 'heartbeats through the full stack',
		unit: '/s',
		runs: 5,
		goalRatio: 0.7,
		measure: () => requestsPerSecond(toApp, LOAD),
		baseline: () => requestsPerSecond(toBare, LOAD)
	});
	await app.stop();
	await bare.stop();
	return [row];
}
