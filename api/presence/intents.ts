import type { Db } from '../store/db.ts';
import { type Intent, intentOf, onlineIntentsOf } from '../store/intent.ts';
import { teamsOfUser } from '../store/team.ts';
import { findUser } from '../store/user.ts';

export interface PersonIntents {
	/** The person's setting: come back online by itself after an expiry. */
	isAutoReturn: boolean;
	teams: ReadonlyMap<string, Intent>;
}

/** People's intents by team, remembered so that a beat needs no query. */
export interface Intents {
	ofUser(userId: string): Promise<PersonIntents>;
	/** Read anew at the next need. */
	drop(userId: string): void;
	clear(): void;
	/** Drops what another process has changed: one question about all these people. */
	recheck(userIds: readonly string[]): Promise<void>;
}

export function createIntents(db: Db): Intents {
	const people = new Map<string, Promise<PersonIntents>>();

	async function load(userId: string): Promise<PersonIntents> {
		const user = await findUser(db.person, userId);
		const intents = new Map<string, Intent>();
		for (const teamId of await teamsOfUser(db.person, userId)) {
			const intent = await db.team(teamId, (tx) => intentOf(tx, userId));
			if (intent) intents.set(teamId, intent);
		}
		return { isAutoReturn: user?.isAutoReturn ?? false, teams: intents };
	}

	return {
		ofUser(userId) {
			const known = people.get(userId);
			if (known) return known;
			const loading = load(userId);
			people.set(userId, loading);
			loading.catch(() => people.get(userId) === loading && people.delete(userId));
			return loading;
		},
		drop: (userId) => void people.delete(userId),
		clear: () => people.clear(),
		async recheck(userIds) {
			const known = userIds.filter((userId) => people.has(userId));
			if (known.length === 0) return;
			const online = await onlineIntentsOf(db.person, known);
			const written = new Set(online.map(({ userId, teamId }) => `${userId} ${teamId}`));
			for (const userId of known) {
				const remembered = await people.get(userId);
				const here = [...(remembered?.teams ?? [])].filter(
					([, intent]) => intent.status === 'online'
				);
				const there = online.filter((key) => key.userId === userId);
				const isSame =
					here.length === there.length && here.every(([team]) => written.has(`${userId} ${team}`));
				if (!isSame) people.delete(userId);
			}
		}
	};
}
