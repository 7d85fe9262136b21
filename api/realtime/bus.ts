import { randomUUID } from 'node:crypto';
import { type Listener, openListener } from '../store/listener.ts';
import type { Topic } from './hub.ts';

const CHANNEL = 'bellhop_hints';
// A NOTIFY payload must stay under 8000 bytes; a hint is at most about 120.
const HINTS_PER_NOTIFY = 50;

/** `[team id, version]` or `[topic, payload]`: an address, never what was written. */
type Hint = ['team', string, number] | ['topic', Topic, string];

/** Hints between processes. */
export interface Bus {
	changed(teamId: string, version: number): void;
	publish(topic: Topic, payload: string): void;
	close(): Promise<void>;
}

/**
 * LISTEN/NOTIFY over one connection, after the commit: a NOTIFY within the transaction would put all
 * commits in a row. At most one is under way; what changes meanwhile goes into the next, each team
 * once with its newest version. What could not be sent is kept until the connection is back.
 */
export function openBus(options: {
	url: string;
	onTeam: (teamId: string, version: number) => void;
	onTopic: (topic: Topic, payload: string) => void;
	/** After every connect: hints of others were lost before it. */
	onConnected: () => void;
}): Bus {
	const self = randomUUID();
	const teams = new Map<string, number>();
	let topics: Hint[] = [];
	let isSending = false;

	const listener: Listener = openListener({
		url: options.url,
		channel: CHANNEL,
		onPayload(payload) {
			const { from, hints } = JSON.parse(payload) as { from: string; hints: Hint[] };
			if (from === self) return;
			for (const hint of hints)
				if (hint[0] === 'team') options.onTeam(hint[1], hint[2]);
				else options.onTopic(hint[1], hint[2]);
		},
		onConnected() {
			options.onConnected();
			void send();
		}
	});

	const keep = (teamId: string, version: number) =>
		teams.set(teamId, Math.max(version, teams.get(teamId) ?? 0));

	function take(): Hint[] {
		const hints = topics.splice(0, HINTS_PER_NOTIFY);
		for (const [teamId, version] of teams) {
			if (hints.length >= HINTS_PER_NOTIFY) break;
			teams.delete(teamId);
			hints.push(['team', teamId, version]);
		}
		return hints;
	}

	async function send(): Promise<void> {
		if (isSending) return;
		isSending = true;
		for (let hints = take(); hints.length > 0; hints = take()) {
			try {
				await listener.notify(JSON.stringify({ from: self, hints }));
			} catch {
				for (const hint of hints) if (hint[0] === 'team') keep(hint[1], hint[2]);
				topics = [...hints.filter((hint) => hint[0] === 'topic'), ...topics];
				break;
			}
		}
		isSending = false;
	}

	return {
		changed(teamId, version) {
			keep(teamId, version);
			void send();
		},
		publish(topic, payload) {
			topics.push(['topic', topic, payload]);
			void send();
		},
		close: () => listener.close()
	};
}
