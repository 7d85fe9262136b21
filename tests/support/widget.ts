import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createBuilder } from 'vite';

/** Builds the widget's loader, and its frame where it is wanted, into `out`. */
export async function buildWidget(out: string, parts: ('loader' | 'client')[]): Promise<void> {
	const build = { build: { outDir: out } };
	const builder = await createBuilder({
		configFile: 'vite.widget.config.ts',
		logLevel: 'silent',
		environments: { loader: build, client: build }
	});
	for (const part of parts) {
		const environment = builder.environments[part];
		if (environment) await builder.build(environment);
	}
}

/** A build of the widget with an app's shell that has nothing in it; `remove` it afterwards. */
export async function widgetBuild(): Promise<{ root: string; remove(): void }> {
	const root = mkdtempSync(path.join(tmpdir(), 'bellhop-widget-'));
	mkdirSync(path.join(root, 'widget'));
	const policy = "default-src 'self'";
	writeFileSync(
		path.join(root, '200.html'),
		`<meta http-equiv="content-security-policy" content="${policy}">`
	);
	await buildWidget(path.join(root, 'widget'), ['client', 'loader']);
	return { root, remove: () => rmSync(root, { recursive: true }) };
}

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

export interface Listening {
	port: number;
	/** Answers with this from now on; until then with 503. */
	serve(fetch: Fetch): void;
	/** Drops every connection and answers no more. */
	close(): Promise<void>;
}

/** A server on a free port, which is known before what it serves is made. */
export async function listening(): Promise<Listening> {
	let fetch: Fetch = () => new Response(null, { status: 503 });
	const server = createServer(getRequestListener((request, env) => fetch(request, env)));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		serve(next) {
			fetch = next;
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			})
	};
}
