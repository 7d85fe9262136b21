/** A piece of SQL with its parameters; nests into another. */
export interface Sql {
	readonly strings: readonly string[];
	readonly values: readonly unknown[];
}

/**
 * SQL as a template tag: every `${value}` becomes a parameter, every `${sql`...`}` is inlined.
 * There is no way to inline a string.
 */
export const sql = (strings: TemplateStringsArray, ...values: unknown[]): Sql => ({
	strings,
	values
});

const isSql = (v: unknown): v is Sql =>
	typeof v === 'object' && v !== null && 'strings' in v && 'values' in v;

/** The text with `$1`-style parameters, and their values, as `pg` takes them. */
export function compile(query: Sql): { text: string; values: unknown[] } {
	const values: unknown[] = [];
	const walk = (q: Sql): string =>
		q.strings.reduce((text, part, i) => {
			const value = q.values[i - 1];
			return text + (isSql(value) ? walk(value) : `$${values.push(value)}`) + part;
		});
	return { text: walk(query), values };
}
