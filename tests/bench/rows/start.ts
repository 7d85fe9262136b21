import { dataFolder, freePorts, startServer } from '../../support/server.ts';
import { atMost, median, type Row } from '../row.ts';

const RUNS = 5;

/** From `node api/main.ts` on existing data to the first answer. */
export async function warmStart(): Promise<Row[]> {
	const folder = dataFolder();
	const ports = await freePorts();
	const env = { ...ports, DATA_DIR: folder.path };
	await (await startServer(env)).stop();
	const times: number[] = [];
	for (let run = 0; run < RUNS; run++) {
		const startedAt = performance.now();
		const server = await startServer(env);
		const answer = await fetch(`http://localhost:${ports.PORT}/api/health`);
		if (!answer.ok) throw new Error(`the first answer was ${answer.status}`);
		times.push(performance.now() - startedAt);
		await server.stop();
	}
	folder.remove();
	return [atMost('warm start to the first answer', median(times) / 1000, 's', 3)];
}
