import type { Db } from '../store/db.ts';

/** Who was told to be `checking`: readers keep that word until a change row takes it back. */
export interface Doubts {
	add(teamId: string, userId: string): void;
	/** Tells readers to look again at everybody about whom there is no doubt any more. */
	settle(isSettled: (teamId: string, userId: string) => boolean): Promise<void>;
}

export function createDoubts(db: Db): Doubts {
	const teams = new Map<string, Set<string>>();
	return {
		add(teamId, userId) {
			teams.set(teamId, (teams.get(teamId) ?? new Set()).add(userId));
		},
		async settle(isSettled) {
			for (const [teamId, doubted] of teams) {
				const settled = [...doubted].filter((userId) => isSettled(teamId, userId));
				if (settled.length === 0) continue;
				await db.team(teamId, async (tx) => {
					for (const userId of settled) tx.changed({ entity: 'member', id: userId });
				});
				for (const userId of settled) doubted.delete(userId);
				if (doubted.size === 0) teams.delete(teamId);
			}
		}
	};
}
