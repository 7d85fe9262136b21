import type { Db, TeamTx } from '../store/db.ts';
import { intentsToSweep, lockFreeIntents } from '../store/intent.ts';
import { sharesOf } from '../store/lease.ts';
import { dueTransition, merge } from './core.ts';
import type { Intents } from './intents.ts';
import type { PresenceSettings } from './settings.ts';
import type { Shares } from './shares.ts';
import type { TeamLeases } from './team-leases.ts';
import { type OwnedTransition, writeTransitions } from './write.ts';

export interface SweepDeps {
	db: Db;
	now(): number;
	settings: PresenceSettings;
	shares: Shares;
	intents: Intents;
	leases: TeamLeases;
}

/**
 * Makes every transition that time has made due, once however many processes do the same: the rows are
 * locked, decided again with what is written by then, and another's locked rows are left to it. Teams for which
 * the server cannot vouch yet are left alone. Returns the number of transitions.
 */
export async function sweep(
	deps: SweepDeps,
	isQuiet: (teamId: string) => boolean
): Promise<number> {
	const now = deps.now();
	const cutoff = now - deps.settings.sweepGraceMs;
	const keys = await intentsToSweep(deps.db.person, { cutoff, now });
	const teams = Map.groupBy(keys, (key) => key.teamId);
	let count = 0;
	for (const [teamId, members] of teams) {
		if (isQuiet(teamId)) continue;
		const userIds = members.map((key) => key.userId);
		count += await deps.db.team(teamId, (tx) => sweepTeam(tx, userIds, deps));
	}
	return count;
}

async function sweepTeam(tx: TeamTx, userIds: string[], deps: SweepDeps): Promise<number> {
	const intents = await lockFreeIntents(tx, userIds);
	const written = Map.groupBy(await sharesOf(tx, userIds), (share) => share.userId);
	const now = deps.now();
	const due: OwnedTransition[] = [];
	for (const { userId, ...intent } of intents) {
		const known = merge(written.get(userId) ?? [], deps.shares.of(userId));
		const shares = deps.leases.count(tx.teamId, known);
		const transition = dueTransition({ intent, shares, now }, deps.settings);
		if (transition) due.push({ ...transition, userId });
	}
	const returning = due.filter(({ after }) => after.status === 'online');
	await deps.shares.take(
		tx,
		returning.map(({ userId }) => userId)
	);
	await writeTransitions(tx, due);
	tx.afterCommit(() => {
		for (const { userId } of due) deps.intents.drop(userId);
	});
	return due.length;
}
