import { newId } from '#contract/ids.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { createJobs } from './jobs/boss.ts';
import { startPruning } from './jobs/pruner.ts';
import { createLog } from './log.ts';
import { createMailer } from './mail/mailer.ts';
import { createCoverageWatch } from './presence/coverage.ts';
import { createPresence } from './presence/service.ts';
import { createPush } from './push/service.ts';
import { createRealtime } from './realtime/realtime.ts';
import { secretFile } from './secret-file.ts';
import { openDb } from './store/db.ts';
import { readBuild, startWeb } from './web.ts';

/** What was started, each with its way to stop; stopped in reverse, so the database goes last. */
const stops: (() => unknown)[] = [];

async function stopAll(): Promise<void> {
	for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
}

/** Starts everything and returns what to tell the person at the console. */
async function start(): Promise<string[]> {
	const config = readConfig();
	const log = createLog(config.logLevel);
	const isWeb = config.role !== 'worker';
	const site = isWeb && !config.isApiOnly ? readBuild() : undefined;
	const secretKey = config.secretKey ?? secretFile(config.dataDir, 'secret-key', 32);

	const database = await openDatabase(config, secretKey);
	stops.push(database.stop);
	const db = openDb(database.url);
	stops.push(db.close);

	const now = Date.now;
	const jobs = createJobs({ db, log });
	await jobs.start();
	const { directUrl, isEmbedded } = database;
	const realtime = createRealtime({ db, ...(directUrl && { directUrl }) });
	stops.push(realtime.close);
	const presence = createPresence({ db, now, log, realtime });
	const settings = { ...config, secretKey };
	const push = createPush({ db, now, newId, log, config: settings, jobs, presence });
	const mailer = createMailer({ db, now, log, jobs, config });
	// Stopped in reverse: first the jobs under way end, then their connections.
	stops.push(push.close, mailer.close, jobs.stop);

	if (config.role !== 'web') {
		await push.start();
		await mailer.start();
		await startPruning({ db, now, log, jobs });
	}
	if (!isWeb) return ['Bellhop sends notifications.'];
	presence.start();
	const deps = { db, now, newId, log, enqueue: jobs.enqueue, presence, realtime, push, site };
	const coverage = createCoverageWatch({ ...deps, publicOrigin: config.publicOrigin });
	coverage.start();
	stops.push(presence.stop, coverage.stop);
	return startWeb(deps, { config, isEmbedded, stops });
}

/** SIGTERM and Ctrl-C stop everything in order; a second one does not wait. */
function stopOnSignal(): void {
	let isStopping = false;
	const stop = () => {
		if (isStopping) process.exit(1);
		isStopping = true;
		stopAll().then(() => process.exit(0), fail);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}

/** One plain line for each thing that is wrong. */
function fail(error: Error): never {
	for (const line of error.message.split('\n')) process.stderr.write(`Bellhop stopped: ${line}\n`);
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
