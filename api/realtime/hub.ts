/** What processes tell each other besides team versions. `revoked`: sessions that have ended; `member`: people of whom something has changed. */
export type Topic = 'revoked' | 'member';

type Told = (version: number) => void;

/** Who in this process wants to hear of which team. Listeners must not throw. */
export interface Hub {
	subscribe(teamId: string, listener: Told): () => void;
	/** Tells a team's listeners once of each version, whichever way and in whatever order it arrives. */
	changed(teamId: string, version: number): void;
	/** The teams that somebody listens to. */
	teams(): string[];
	on(topic: Topic, listener: (payload: string) => void): () => void;
	tell(topic: Topic, payload: string): void;
}

export function createHub(): Hub {
	const rooms = new Map<string, { newest: number; listeners: Set<Told> }>();
	const topics = new Map<Topic, Set<(payload: string) => void>>();
	return {
		subscribe(teamId, listener) {
			const room = rooms.get(teamId) ?? { newest: 0, listeners: new Set() };
			rooms.set(teamId, room);
			// A wrapper of its own, so that one function subscribed twice is two subscriptions.
			const own: Told = (version) => listener(version);
			room.listeners.add(own);
			return () => {
				room.listeners.delete(own);
				if (room.listeners.size === 0 && rooms.get(teamId) === room) rooms.delete(teamId);
			};
		},
		changed(teamId, version) {
			const room = rooms.get(teamId);
			if (!room || version <= room.newest) return;
			room.newest = version;
			for (const listener of room.listeners) listener(version);
		},
		teams: () => [...rooms.keys()],
		on(topic, listener) {
			const listeners = topics.get(topic) ?? new Set();
			topics.set(topic, listeners.add(listener));
			return () => listeners.delete(listener);
		},
		tell(topic, payload) {
			for (const listener of topics.get(topic) ?? []) listener(payload);
		}
	};
}
