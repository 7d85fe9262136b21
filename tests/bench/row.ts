/** One line of the table. `ratio` is value against baseline of the same run; goals on ratios are marked by `goalOf`. */
export interface Row {
	name: string;
	value: number;
	unit: string;
	baseline: number | null;
	ratio: number | null;
	goal: string;
	met: boolean;
}

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	return percentile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, interpolated. NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (sorted.length - 1) * share;
	const low = sorted[Math.floor(at)] ?? Number.NaN;
	const high = sorted[Math.ceil(at)] ?? Number.NaN;
	return low + (high - low) * (at - Math.floor(at));
}

/** A rate against a baseline measured in turn with it: A B A B …, the median of the ratios. */
export async function interleaved(input: {
	name: string;
	unit: string;
	runs: number;
	goalRatio: number;
	measure(): Promise<number>;
	baseline(): Promise<number>;
}): Promise<Row> {
	const values: number[] = [];
	const baselines: number[] = [];
	for (let run = 0; run < input.runs; run++) {
		baselines.push(await input.baseline());
		values.push(await input.measure());
	}
	const ratio = median(values.map((value, run) => value / (baselines[run] ?? Number.NaN)));
	return {
		name: input.name,
		value: median(values),
		unit: input.unit,
		baseline: median(baselines),
		ratio,
		goal: `ratio >= ${input.goalRatio}`,
		met: ratio >= input.goalRatio
	};
}

/** A figure that is to stay under a bound. */
export function atMost(name: string, value: number, unit: string, goal: number): Row {
	return { name, value, unit, baseline: null, ratio: null, goal: `<= ${goal}`, met: value <= goal };
}
