import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface ServerKeyRow {
	publicValue: string;
	/** Sealed with the key from the configuration. */
	sealedValue: string;
}

/** Keeps the key under its name unless there is one already; returns the one that is kept. */
export async function keepServerKey(
	q: Queries,
	name: string,
	key: ServerKeyRow
): Promise<ServerKeyRow> {
	await q.run(sql`
		insert into server_keys (name, public_value, sealed_value)
		values (${name}, ${key.publicValue}, ${key.sealedValue})
		on conflict (name) do nothing`);
	const kept = await findServerKey(q, name);
	if (!kept) throw new Error(`the server key ${name} was not kept`);
	return kept;
}

export function findServerKey(q: Queries, name: string): Promise<ServerKeyRow | undefined> {
	return q.maybe(sql`
		select public_value as "publicValue", sealed_value as "sealedValue"
		from server_keys where name = ${name}`);
}
