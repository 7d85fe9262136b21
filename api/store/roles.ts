import pg from 'pg';
import { withConnection } from './connection.ts';

export interface RuntimeRole {
	/** Logs in as the role that owns the tables, straight to the server. */
	ownerUrl: string;
	/** What the run-time pool connects to, where that is not `ownerUrl`'s address (a pooler). */
	poolUrl?: string | undefined;
	/** The new role's password; null where the server trusts whoever reaches its socket. */
	password: string | null;
	/** A URL of a role made by hand (DATABASE_RUN_URL), instead of one made here. */
	runUrl?: string | undefined;
	/** The new role's name; `<database>_run` unless given. */
	role?: string;
}

/** What the run-time role may do: read and write rows, call functions. It owns nothing. */
const grantsTo = (role: string): string =>
	['public', 'pgboss']
		.map(
			(schema) => `
				grant usage on schema ${schema} to ${role};
				grant select, insert, update, delete on all tables in schema ${schema} to ${role};
				grant usage on all sequences in schema ${schema} to ${role};
				grant execute on all functions in schema ${schema} to ${role};
				alter default privileges in schema ${schema}
					grant select, insert, update, delete on tables to ${role};
				alter default privileges in schema ${schema} grant execute on functions to ${role};`
		)
		.join('');

/**
 * Makes sure that the role of the run-time pool exists, is bound by row security and has its grants;
 * call it after every migration. The role is named after the database: `<database>_run`.
 * @returns the URL of the run-time pool.
 * @throws one line that says what to do, where the owner may not create roles or the role is too mighty.
 */
export async function ensureRuntimeRole({
	ownerUrl,
	poolUrl = ownerUrl,
	password,
	runUrl,
	role: chosen
}: RuntimeRole): Promise<string> {
	return withConnection(ownerUrl, async (client) => {
		// Two starting processes would both alter the same catalogue rows.
		await client.query("begin; select pg_advisory_xact_lock(hashtext('bellhop run-time role'))");
		const role = runUrl ? userOf(runUrl) : (chosen ?? `${client.database}_run`);
		if (!runUrl) await ensureRole(client, role, password);
		await refuseMighty(client, role);
		const name = pg.escapeIdentifier(role);
		await client.query(grantsTo(name));
		await client.query(`revoke insert, update, delete on schema_migrations from ${name}`);
		// What was done stays written down, whatever the process is made to do.
		await client.query(`revoke update, delete on audit_log from ${name}`);
		await client.query('commit');
		return runUrl ?? urlAs(poolUrl, role, password);
	});
}

async function ensureRole(client: pg.Client, role: string, password: string | null): Promise<void> {
	const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
	const secret = password === null ? '' : ` password ${pg.escapeLiteral(password)}`;
	if (rowCount !== 0 && password === null) return;
	const verb = rowCount === 0 ? 'create' : 'alter';
	try {
		await client.query(`${verb} role ${pg.escapeIdentifier(role)} login${secret}`);
	} catch (error) {
		if ((error as { code?: string }).code !== '42501') throw error;
		throw new Error(
			`the owner in DATABASE_URL may not ${verb} the role ${role}: give it CREATEROLE, ` +
				'or create a role without SUPERUSER and BYPASSRLS yourself and set DATABASE_RUN_URL',
			{ cause: error }
		);
	}
}

/** Row security binds neither a superuser nor a role with BYPASSRLS: one of either would be no second belt. */
async function refuseMighty(client: pg.Client, role: string): Promise<void> {
	const { rows } = await client.query<{ is_mighty: boolean }>(
		`select rolsuper or rolbypassrls or rolname = current_user as is_mighty
		from pg_roles where rolname = $1`,
		[role]
	);
	if (rows[0]?.is_mighty !== false)
		throw new Error(
			`the run-time role ${role} must exist, not own the tables, and have neither SUPERUSER nor BYPASSRLS: ` +
				'name another one in DATABASE_RUN_URL'
		);
}

const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

function urlAs(poolUrl: string, role: string, password: string | null): string {
	const url = new URL(poolUrl);
	url.username = role;
	url.password = password ?? '';
	return url.href;
}
