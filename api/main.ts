import { newId } from '#contract/ids.ts';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { firstRun } from './domain/demo/first-run.ts';
import { readSite } from './http/site.ts';
import { createJobs } from './jobs/boss.ts';
import { listen } from './listen.ts';
import { createLog } from './log.ts';
import { createPresence } from './presence/service.ts';
import { createRealtime } from './realtime/realtime.ts';
import { secretFile } from './secret-file.ts';
import { openDb } from './store/db.ts';

/** What was started, each with its way to stop; stopped in reverse, so the database goes last. */
const stops: (() => unknown)[] = [];

async function stopAll(): Promise<void> {
	for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
}

async function start(): Promise<string[]> {
	const config = readConfig();
	const log = createLog(config.logLevel);
	const isWeb = config.role !== 'worker';
	const site = isWeb && !config.isApiOnly ? readSite('build') : undefined;
	const secretKey = config.secretKey ?? secretFile(config.dataDir, 'secret-key', 32);

	const database = await openDatabase(config, secretKey);
	stops.push(database.stop);
	const db = openDb(database.url);
	stops.push(db.close);

	const now = Date.now;
	const realtime = createRealtime({
		db,
		...(database.directUrl && { directUrl: database.directUrl })
	});
	stops.push(realtime.close);
	const jobs = createJobs({ db, log });
	await jobs.start();
	stops.push(jobs.stop);
	const presence = createPresence({ db, now, log });
	const { enqueue } = jobs;
	const ctx = { db, now, newId, log, enqueue, presence };
	const demoOrigin = `http://127.0.0.1:${config.demoPort}`;
	const { isDemo, lines } = await firstRun(ctx, {
		isDemoAllowed: database.isEmbedded && new URL(config.publicOrigin).hostname === 'localhost',
		publicOrigin: config.publicOrigin,
		demoOrigin,
		demoPassword: () => secretFile(config.dataDir, 'demo-password', 9)
	});
	if (!isWeb) return ['Bellhop works through its queue.'];

	presence.start();
	stops.push(presence.stop);
	const app = createApp({ ...ctx, realtime, site, config: { ...config, isDemo } });
	const { host, port } = config;
	stops.push(await listen(app, { host, port, variable: 'PORT' }));
	return [`Bellhop is at ${config.publicOrigin}`, ...lines];
}

function stopOnSignal(): void {
	let isStopping = false;
	const stop = (signal: NodeJS.Signals) => {
		if (isStopping) process.exit(1);
		isStopping = true;
		stopAll().then(
			() => process.exit(0),
			(error: Error) => fail(new Error(`stopping after ${signal} failed: ${error.message}`))
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}

/** One plain line for each thing that is wrong, on stderr. */
function fail(error: Error): never {
	process.stderr.write(`Bellhop did not start: ${error.message}\n`);
	process.exit(1);
}

stopOnSignal();
try {
	const lines = await start();
	process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
	await stopAll().catch(() => undefined);
	fail(error as Error);
}
