import { newId } from '#contract/ids.ts';
import { WidgetState } from '#contract/widget.ts';
import type { TestApp } from './app.ts';
import { eventsOf } from './chat.ts';

/**
 * How long each of `count` transitions of an agent takes from the press to a visitor's open widget, in
 * milliseconds: through the requests, the database, the bus and the stream.
 */
export async function transitionsToWidget(app: TestApp, count: number): Promise<number[]> {
	const agent = await app.signedInAgent();
	const visitor = await app.newVisitor({ team: agent.team });
	const page = { id: newId(), visibility: 'visible' as const, isFocused: true, idleMs: 0 };
	const deviceId = newId();
	const events = eventsOf(await visitor.get('/api/widget/stream?after=0'));
	const until = async (status: string) => {
		for (;;) {
			const event = await events.next();
			if (!event) throw new Error('the stream has ended');
			if (event.event !== 'state') continue;
			if (WidgetState.parse(JSON.parse(event.data)).availability.status === status) return;
		}
	};
	await until('offline');
	const times: number[] = [];
	try {
		for (let n = 0; n < count; n++) {
			const status = n % 2 === 0 ? 'online' : 'offline';
			const from = performance.now();
			const shown = until(status).then(() => performance.now() - from);
			const body = { teamId: agent.team.id, status, deviceId, page };
			const answer = await agent.put('/api/presence/intent', body);
			if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
			times.push(await shown);
			// What an agent may press in a minute is limited; the limit is not what is measured.
			app.clock.advance(2_000);
		}
	} finally {
		events.end();
	}
	return times;
}
