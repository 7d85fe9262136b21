import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

/** Streams end at once, other answers get this long. */
const GRACE_MS = 500;

/**
 * Serves an app; returns the way to stop. `variable` names the setting to change where the port is taken.
 * @throws one line where nothing can listen there.
 */
export async function listen(
	// biome-ignore lint/suspicious/noExplicitAny: whatever the app keeps in its contexts is its own affair
	app: Pick<Hono<any>, 'fetch'>,
	address: { host: string; port: number; variable: 'PORT' | 'DEMO_PORT' }
): Promise<() => Promise<void>> {
	const server = createAdaptorServer({ fetch: app.fetch }) as Server;
	await new Promise<void>((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => reject(plain(error, address)));
		server.listen(address.port, address.host, resolve);
	});
	return () =>
		new Promise((resolve) => {
			server.close(() => resolve());
			server.closeIdleConnections();
			setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
		});
}

function plain(
	error: NodeJS.ErrnoException,
	{ host, port, variable }: { host: string; port: number; variable: string }
): Error {
	const problems: Record<string, string> = {
		EADDRINUSE: `port ${port} on ${host} is taken: stop what uses it, or set ${variable}`,
		EACCES: `port ${port} is not allowed to this user: set ${variable} to 1024 or more`,
		EADDRNOTAVAIL: `${host} is not an address of this machine: set HOST to one that is`
	};
	return new Error(problems[error.code ?? ''] ?? error.message, { cause: error });
}
