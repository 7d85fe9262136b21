import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { createIntents } from '../../api/presence/intents.ts';
import type { Db } from '../../api/store/db.ts';
import { insertMember } from '../../api/store/member.ts';
import { testApp } from '../support/app.ts';

const app = await testApp();
afterAll(() => app.close());

const asked: string[] = [];
beforeEach(() => asked.splice(0));
const db: Db = {
	...app.db,
	team(teamId, work) {
		asked.push(teamId);
		return app.db.team(teamId, work);
	}
};

const membersOf = (team: { id: string }, count: number) =>
	Promise.all(
		Array.from({ length: count }, async () => {
			const { id } = await app.newUser();
			await app.db.team(team.id, (tx) => insertMember(tx, id, 'agent'));
			return id;
		})
	);

describe('the intents of people nobody has asked for', () => {
	test('are read with one question to each team', async () => {
		const teams = [await app.newTeam(), await app.newTeam()] as const;
		const users = [...(await membersOf(teams[0], 8)), ...(await membersOf(teams[1], 8))];
		const intents = createIntents(db);
		const people = await Promise.all(users.map((userId) => intents.ofUser(userId)));
		expect(people.map(({ teams }) => [...teams.keys()])).toEqual(
			users.map((_, n) => [teams[n < 8 ? 0 : 1].id])
		);
		expect(asked.toSorted()).toEqual(teams.map(({ id }) => id).toSorted());
		await intents.ofUser(users[0] as string);
		expect(asked).toHaveLength(2);
	});

	test('come in the order in which the teams were joined, and a stranger has none', async () => {
		const [first, second] = [await app.newTeam(), await app.newTeam()];
		const [userId = ''] = await membersOf(second, 1);
		await app.db.team(first.id, (tx) => insertMember(tx, userId, 'agent'));
		const intents = createIntents(db);
		const [person, stranger] = await Promise.all([intents.ofUser(userId), intents.ofUser(newId())]);
		expect([...person.teams.keys()]).toEqual([second.id, first.id]);
		expect(stranger).toEqual({ isAutoReturn: false, teams: new Map() });
	});

	test('are read again after they were dropped, whatever was under way', async () => {
		const team = await app.newTeam();
		const [userId = ''] = await membersOf(team, 1);
		const intents = createIntents(db);
		const before = intents.ofUser(userId);
		intents.drop(userId);
		await Promise.all([before, intents.ofUser(userId)]);
		intents.drop(userId);
		await intents.ofUser(userId);
		expect(asked).toHaveLength(2);
	});

	test('are asked for again after a failure', async () => {
		const team = await app.newTeam();
		const [userId = ''] = await membersOf(team, 1);
		let isBroken = true;
		const intents = createIntents({
			...db,
			team: (...args) => (isBroken ? Promise.reject(new Error('away')) : app.db.team(...args))
		});
		await expect(intents.ofUser(userId)).rejects.toThrow('away');
		isBroken = false;
		expect((await intents.ofUser(userId)).teams.size).toBe(1);
	});
});
