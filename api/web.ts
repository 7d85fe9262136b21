import { existsSync } from 'node:fs';
import path from 'node:path';
import { type AppDeps, createApp } from './app.ts';
import type { Config } from './config.ts';
import { firstRun } from './domain/demo/first-run.ts';
import { demoSite } from './http/demo-site.ts';
import { readSite, type Site } from './http/site.ts';
import { listen } from './listen.ts';
import { secretFile } from './secret-file.ts';

const BUILD = path.join(import.meta.dirname, '../build');
const LOOPBACK = '127.0.0.1';
const DEMO_PASSWORD_BYTES = 9;

/** @throws one line where the app has not been built. */
export function readBuild(): Site {
	if (!existsSync(`${BUILD}/200.html`))
		throw new Error('there is no build of the app: make it with npm run build');
	return readSite(BUILD);
}

/**
 * Makes the first accounts possible, then answers requests: the app, and where there is the demo its website.
 * Adds to `stops` what stops it. Returns what to tell the person at the console.
 */
export async function startWeb(
	deps: Omit<AppDeps, 'config'>,
	{ config, isEmbedded, stops }: { config: Config; isEmbedded: boolean; stops: (() => unknown)[] }
): Promise<string[]> {
	const { host, port, demoPort, publicOrigin, dataDir } = config;
	const demoOrigin = `http://${LOOPBACK}:${demoPort}`;
	const { demoBotId, lines } = await firstRun(deps, {
		isDemoAllowed: isEmbedded && new URL(publicOrigin).hostname === 'localhost',
		publicOrigin,
		demoOrigin,
		demoPassword: () => secretFile(dataDir, 'demo-password', DEMO_PASSWORD_BYTES)
	});
	const isDemo = demoBotId !== undefined;
	const appConfig = { ...config, isDemo, ...(isDemo && { demoOrigin }) };
	const app = createApp({ ...deps, config: appConfig });
	stops.push(await listen(app, { host, port, variable: 'PORT' }));
	if (isDemo) {
		const demo = demoSite({ publicOrigin, botId: demoBotId });
		stops.push(await listen(demo, { host: LOOPBACK, port: demoPort, variable: 'DEMO_PORT' }));
	}
	return [`Bellhop is at ${publicOrigin}`, ...lines];
}
