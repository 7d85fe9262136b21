import { expect, test } from 'vitest';
import { Simulation } from './presence-simulation.ts';

const HOUR = 3_600_000;
/** Of each; 10,000 of both together at night, which takes many minutes and differs in nothing but size. */
const AGENTS = process.env.NIGHTLY ? 5_000 : 500;
const HOURS = 24;

test.each([2, 3])(
	'a day of lost, late, doubled and reordered beats and of restarts breaks no promise: %i processes',
	{ timeout: 3 * HOUR },
	(processes) => {
		const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
		console.info(`presence simulation: SEED=${seed}`);
		const simulation = new Simulation({ seed, agents: AGENTS, processes });
		simulation.run(HOURS * HOUR);
		const { counts } = simulation;
		expect(counts.devices).toBeGreaterThan(AGENTS * 2.3);
		const causes = ['set by you', 'heartbeat lost', 'signed out', 'end time reached', 'came back'];
		for (const cause of causes)
			expect(counts.causes.get(cause), cause).toBeGreaterThan(AGENTS / 10);
		// What the promises are about has happened, and often.
		expect(counts.checks).toBeGreaterThan(AGENTS * HOURS * 100);
		// One an hour, by chance: a day of fewer than five comes less than once in a million.
		expect(counts.restarts).toBeGreaterThanOrEqual(5);
	}
);
