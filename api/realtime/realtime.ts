import { headOf } from '../store/change.ts';
import type { Db } from '../store/db.ts';
import { type Bus, openBus } from './bus.ts';
import { createHub, type Topic } from './hub.ts';

/** News for streams: which team has a new version, and what else processes tell each other. */
export interface Realtime {
	/** Calls the listener with each new version of the team, whichever process wrote it. */
	subscribe(teamId: string, listener: (version: number) => void): () => void;
	publish(topic: Topic, payload: string): void;
	on(topic: Topic, listener: (payload: string) => void): () => void;
	close(): Promise<void>;
}

/**
 * Joins this process's commits with those of the others. `directUrl`: a connection that LISTEN may
 * use; without one this process hears only itself.
 */
export function createRealtime({ db, directUrl }: { db: Db; directUrl?: string }): Realtime {
	const hub = createHub();

	async function compare(teamId: string): Promise<void> {
		const head = await db.team(teamId, headOf);
		if (head) hub.changed(teamId, head.version);
	}
	const bus: Bus | undefined =
		directUrl === undefined
			? undefined
			: openBus({
					url: directUrl,
					onTeam: hub.changed,
					onTopic: hub.tell,
					// A failure here means that the database is away again; the next connect compares.
					onConnected: () => {
						for (const teamId of hub.teams()) compare(teamId).catch(() => undefined);
					}
				});
	const stop = db.onCommit((teamId, version, changes) => {
		hub.changed(teamId, version);
		bus?.changed(teamId, version);
		for (const { entity, id } of changes) if (entity === 'member') bus?.publish('member', id);
	});
	return {
		subscribe: hub.subscribe,
		publish(topic, payload) {
			hub.tell(topic, payload);
			bus?.publish(topic, payload);
		},
		on: hub.on,
		async close() {
			stop();
			await bus?.close();
		}
	};
}
