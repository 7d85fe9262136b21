import { expect, test } from 'vitest';
import { Simulation } from './presence-simulation.ts';

const HOUR = 3_600_000;
/** Of each; 10,000 of both together at night, which takes many minutes and differs in nothing but size. */
const AGENTS = process.env.NIGHTLY ? 5_000 : 500;
const HOURS = 24;

/** Says that so many processes keep the promises for a day; each number in a file of its own, to run side by side. */
export function testDay(processes: number): void {
	test(`a day of lost, late, doubled and reordered beats and of restarts breaks no promise: ${processes} processes`, {
		timeout: 3 * HOUR
	}, () => {
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
	});
}
