import { rmSync } from 'node:fs';
import type { BrowserContext } from 'playwright-core';
import {
	type BrowserName,
	type BrowserOptions,
	makeProfile,
	openBrowser
} from '../support/browsers.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { type PushServices, startPushServices } from '../support/push/services.ts';
import { dataFolder, freePorts, type Server, startServer } from '../support/server.ts';
import { watch } from './problems.ts';

export const PHONE = { viewport: { width: 390, height: 844 } };
export const DESK = { viewport: { width: 1280, height: 800 } };

/** A Bellhop of the test's own, as `npm start` runs it, with its demo team, push services and a desktop. */
export interface World {
	readonly origin: string;
	/** The demo website, on another origin. */
	readonly website: string;
	readonly email: string;
	readonly password: string;
	readonly services: PushServices;
	readonly desktop: Desktop;
	server: Server;
	/** Ends the process with SIGTERM: its listener is gone, as with a cut connection. */
	stopServer(): Promise<void>;
	/** Ends the process with SIGKILL, its database with it. */
	killServer(): Promise<void>;
	/** Starts it again on the same data and address. */
	startServer(): Promise<void>;
	/** A browser on a profile that `close` removes. */
	open(name: BrowserName, options?: BrowserOptions): Promise<BrowserContext>;
	/** Everything any page of an opened browser has complained about. */
	readonly problems: string[];
	profile(): string;
	close(): Promise<void>;
}

/**
 * `allowed`: complaints that a test brings about on purpose, such as requests to a stopped server. `more`: of the
 * server's environment.
 */
export async function startWorld(
	allowed: readonly RegExp[] = [],
	more: Record<string, string> = {}
): Promise<World> {
	const services = await startPushServices();
	const desktop = await startDesktop();
	const folder = dataFolder();
	const ports = await freePorts();
	const env = { ...ports, ...services.env, DATA_DIR: folder.path, ...more };
	const profiles: string[] = [];
	const contexts: BrowserContext[] = [];
	const problems: string[] = [];
	const server = await startServer(env);
	const [, email = '', password = ''] =
		/with (\S+) and the password (\S+)/.exec(server.stdout) ?? [];
	const world: World = {
		origin: `http://localhost:${ports.PORT}`,
		website: `http://127.0.0.1:${ports.DEMO_PORT}`,
		email,
		password,
		services,
		desktop,
		server,
		problems,
		async stopServer() {
			await world.server.stop();
		},
		async killServer() {
			world.server.process.kill('SIGKILL');
			await world.server.exited;
		},
		async startServer() {
			world.server = await startServer(env);
		},
		async open(name, options = {}) {
			const allow = [...(options.allow ?? []), world.origin];
			const context = await openBrowser(name, { services, desktop, ...options, allow });
			contexts.push(context);
			watch(context, problems, allowed);
			return context;
		},
		profile() {
			const profile = makeProfile();
			profiles.push(profile);
			return profile;
		},
		async close() {
			for (const context of contexts) await context.close();
			await world.server.stop();
			await desktop.close();
			services.close();
			folder.remove();
			for (const profile of profiles)
				rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		}
	};
	return world;
}
