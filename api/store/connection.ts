import pg from 'pg';

/** One connection for `work`, closed afterwards. `url` is a PostgreSQL connection string. */
export async function withConnection<T>(
	url: string,
	work: (client: pg.Client) => Promise<T>
): Promise<T> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
	// A server that goes away meanwhile fails the query under way; without a listener it would end the process.
	client.on('error', () => {});
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}
