import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installJobSchema } from '../../api/jobs/schema.ts';
import { withConnection } from '../../api/store/connection.ts';
import { migrate } from '../../api/store/migrate.ts';
import { ensureRuntimeRole } from '../../api/store/roles.ts';
import { emptyDatabase } from '../support/database.ts';

const PASSWORD = 'only-for-tests';
let database: Awaited<ReturnType<typeof emptyDatabase>>;

beforeEach(async () => {
	database = await emptyDatabase();
	await migrate(database.ownerUrl);
	await installJobSchema(database.ownerUrl);
});
afterEach(() => database.drop());

/** A role of the server, gone afterwards. */
async function withRole(attributes: string, work: (name: string) => Promise<void>) {
	const name = `test_role_${randomBytes(4).toString('hex')}`;
	const onServer = (text: string) =>
		withConnection(database.superuserUrl, async (client) => {
			await client.query(text);
		});
	await onServer(`create role ${name} login password '${PASSWORD}' ${attributes}`);
	try {
		await work(name);
	} finally {
		await onServer(`drop owned by ${name}; drop role ${name}`);
	}
}

function urlAs(user: string): string {
	const url = new URL(database.ownerUrl);
	url.username = user;
	if (url.password) url.password = PASSWORD;
	return url.href;
}

test('the role is named after the database, and making it again is harmless', async () => {
	const role = { ownerUrl: database.ownerUrl, password: PASSWORD };
	const url = await ensureRuntimeRole(role);
	expect(new URL(url).username).toBe(`${new URL(database.ownerUrl).pathname.slice(1)}_run`);
	expect(await ensureRuntimeRole(role)).toBe(url);
	await withConnection(url, (client) => client.query('select 1'));
});

test('processes that start at once all get the same role', async () => {
	const role = { ownerUrl: database.ownerUrl, password: PASSWORD };
	const urls = await Promise.all([1, 2, 3].map(() => ensureRuntimeRole(role)));
	expect(new Set(urls).size).toBe(1);
});

test('an owner who may not create roles is told about the two ways out', async () => {
	await withRole('nocreaterole', async (owner) => {
		await expect(ensureRuntimeRole({ ownerUrl: urlAs(owner), password: PASSWORD })).rejects.toThrow(
			/CREATEROLE.*DATABASE_RUN_URL/
		);
	});
});

test('a role made by hand gets its grants', async () => {
	await withRole('nosuperuser', async (name) => {
		const runUrl = urlAs(name);
		expect(await ensureRuntimeRole({ ownerUrl: database.ownerUrl, password: null, runUrl })).toBe(
			runUrl
		);
		await withConnection(runUrl, (client) => client.query('select * from users'));
	});
});

test.each(['superuser', 'bypassrls'])('a role with %s is refused', async (attribute) => {
	await withRole(attribute, async (name) => {
		await expect(
			ensureRuntimeRole({ ownerUrl: database.ownerUrl, password: null, runUrl: urlAs(name) })
		).rejects.toThrow(/neither SUPERUSER nor BYPASSRLS/);
	});
});

test('the owner itself is refused as the run-time role', async () => {
	const { ownerUrl } = database;
	await expect(ensureRuntimeRole({ ownerUrl, password: null, runUrl: ownerUrl })).rejects.toThrow(
		/not own the tables/
	);
});
