// `npm run bench`: a table; with --json one object a line. Words given after `--` choose rows by name.
import type { Row } from './row.ts';
import { bytes } from './rows/bytes.ts';
import { heartbeats } from './rows/heartbeats.ts';
import { presence } from './rows/presence.ts';
import { push } from './rows/push.ts';
import { shown } from './rows/shown.ts';
import { warmStart } from './rows/start.ts';
import { stream } from './rows/stream.ts';

const MEASURES: Record<string, () => Row[] | Promise<Row[]>> = {
	bytes,
	heartbeats,
	presence,
	push,
	shown,
	stream,
	start: warmStart
};

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const isJson = process.argv.includes('--json');
const round = (value: number | null) => (value === null ? '' : Number(value.toPrecision(4)));

const rows: Row[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	rows.push(...(await measure()));
}
if (isJson) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
else
	console.table(
		rows.map(({ value, baseline, ratio, ...row }) => ({
			name: row.name,
			value: round(value),
			unit: row.unit,
			baseline: round(baseline),
			ratio: round(ratio),
			goal: row.goal,
			met: row.met ? 'yes' : 'no'
		}))
	);
