import { setTimeout as pause } from 'node:timers/promises';
import { enableNotifications, signIn } from '../../e2e/agent.ts';
import { askForPerson, openChat, write } from '../../e2e/visitor.ts';
import { startWorld } from '../../e2e/world.ts';
import { atMost, median, type Row } from '../row.ts';

const MESSAGES = 8;
/** Lines that follow each other sooner are one push. */
const APART_MS = 4_500;
const GOAL_MS = 1_500;

/** From a visitor's Enter to the notification on the desktop of an agent whose app is closed, in Chromium. */
export async function shown(): Promise<Row[]> {
	const world = await startWorld();
	const phone = await world.open('chromium');
	const app = await phone.newPage();
	await signIn(app, world);
	await enableNotifications(app);
	await app.close();
	const visitor = await world.open('chromium');
	const chat = await openChat(await visitor.newPage(), world.website);
	await write(chat, 'Line 0');
	await askForPerson(chat);
	await world.desktop.waitFor(({ body }) => body.includes('Line 0'), 60_000);
	const latencies: number[] = [];
	for (let n = 1; n <= MESSAGES; n++) {
		await pause(APART_MS);
		const pressedAt = performance.now();
		await write(chat, `Line ${n}`);
		await world.desktop.waitFor(({ body }) => body.includes(`Line ${n}`), 60_000);
		latencies.push(performance.now() - pressedAt);
	}
	await world.close();
	return [
		atMost('message to shown in Chromium, p50', median(latencies), 'ms', GOAL_MS),
		atMost('message to shown in Chromium, longest', Math.max(...latencies), 'ms', 2 * GOAL_MS)
	];
}
