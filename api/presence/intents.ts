import { together } from '../domain/together.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { Db } from '../store/db.ts';
import { type Intent, intentsOf, onlineIntentsOf } from '../store/intent.ts';
import { findPeople } from '../store/user.ts';

export interface PersonIntents {
	/** The person's setting: come back online by itself after an expiry. */
	isAutoReturn: boolean;
	teams: ReadonlyMap<string, Intent>;
}

/**
 * People's intents by team, remembered so that a beat needs no query. Whoever joins, leaves or changes in
 * a team, here or in another process, is read anew.
 */
export interface Intents {
	ofUser(userId: string): Promise<PersonIntents>;
	/** Read anew at the next need. */
	drop(userId: string): void;
	clear(): void;
	/** Drops what has changed in another process and was not heard of: one question about all these people. */
	recheck(userIds: readonly string[]): Promise<void>;
	close(): void;
}

/** Without `realtime` this process hears only itself. */
export function createIntents(db: Db, realtime?: Pick<Realtime, 'on'>): Intents {
	const people = new Map<string, Promise<PersonIntents>>();
	const drop = (userId: string) => void people.delete(userId);
	const stopListening = db.onCommit((_teamId, _version, changes) => {
		for (const { entity, id } of changes) if (entity === 'member') drop(id);
	});
	const stopHearing = realtime?.on('member', drop);

	// After a restart everybody is unknown at once.
	const read = together((userIds: string[]) => readPeople(db, userIds));
	const load = async (userId: string): Promise<PersonIntents> =>
		(await read(userId)).get(userId) ?? { isAutoReturn: false, teams: new Map() };

	return {
		ofUser(userId) {
			const known = people.get(userId);
			if (known) return known;
			const loading = load(userId);
			people.set(userId, loading);
			loading.catch(() => people.get(userId) === loading && people.delete(userId));
			return loading;
		},
		drop,
		clear: () => people.clear(),
		async recheck(userIds) {
			const known = userIds.filter((userId) => people.has(userId));
			if (known.length === 0) return;
			const online = await onlineIntentsOf(db.person, known);
			const written = Map.groupBy(online, (key) => key.userId);
			for (const userId of known) {
				const remembered = await people.get(userId);
				const here = [...(remembered?.teams ?? [])].filter(
					([, intent]) => intent.status === 'online'
				);
				const there = new Set(written.get(userId)?.map(({ teamId }) => teamId));
				const isSame = here.length === there.size && here.every(([team]) => there.has(team));
				if (!isSame) drop(userId);
			}
		},
		close() {
			stopListening();
			stopHearing?.();
		}
	};
}

type People = ReadonlyMap<string, PersonIntents>;

/** These people's intents by team, the team joined first before the others: a query, and one for each team. */
async function readPeople(db: Db, userIds: string[]): Promise<People> {
	const people = await findPeople(db.person, userIds);
	const members = people.flatMap(({ userId, teamIds }) =>
		teamIds.map((teamId) => ({ userId, teamId }))
	);
	const byTeam = new Map<string, Map<string, Intent>>();
	for (const [teamId, of] of Map.groupBy(members, (member) => member.teamId)) {
		const asked = of.map(({ userId }) => userId);
		const intents = await db.team(teamId, (tx) => intentsOf(tx, asked));
		byTeam.set(teamId, new Map(intents.map(({ userId, ...intent }) => [userId, intent])));
	}
	const teamsOf = ({ userId, teamIds }: (typeof people)[number]) =>
		teamIds.flatMap((teamId) => {
			const intent = byTeam.get(teamId)?.get(userId);
			return intent ? [[teamId, intent] as const] : [];
		});
	return new Map(
		people.map((person) => [
			person.userId,
			{ isAutoReturn: person.isAutoReturn, teams: new Map(teamsOf(person)) }
		])
	);
}
