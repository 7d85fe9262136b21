// `npm test`: lint, types, then every test, read as they go. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabaseUrl } from '../tests/support/database-url.ts';

const GIBIBYTE = 2 ** 30;
/** A disk of the system's in memory. */
const IN_MEMORY = '/dev/shm';
/** Browsers' profiles and databases that are thrown away again: where memory is plenty, they wait for no disk. */
function temporaryFolder() {
	try {
		const { bavail, bsize } = statfsSync(IN_MEMORY);
		const isPlenty = bavail * bsize > 6 * GIBIBYTE && freemem() > 10 * GIBIBYTE;
		return isPlenty ? IN_MEMORY : tmpdir();
	} catch {
		return tmpdir();
	}
}
process.env.TMPDIR = temporaryFolder();

const PROJECTS = ['unit', 'store', 'http', 'sync', 'sw', 'state', 'push', 'e2e'];
const reports = mkdtempSync(join(tmpdir(), 'bellhop-reports-'));
const total = { passed: 0, failed: 0 };

/**
 * @param {string[]} argv @param {{ env?: Record<string, string>, isAside?: boolean }} [options] aside: what it says is
 * printed when it has ended @returns {Promise<boolean>} whether it ended well
 */
async function run([command = '', ...args], { env = {}, isAside = false } = {}) {
	const stdio = isAside ? 'pipe' : 'inherit';
	const child = spawn(command, args, { stdio, env: { ...process.env, ...env } });
	/** @type {string[]} */
	const said = [];
	for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(data));
	const status = await new Promise((resolve) => {
		child.once('close', resolve);
		child.once('error', () => resolve(1));
	});
	process.stdout.write(said.join(''));
	return status === 0;
}

/** A check that is no test counts as one. @param {string} name @param {string[]} argv */
async function check(name, ...argv) {
	console.log(`\n${name}`);
	total[(await run(argv)) ? 'passed' : 'failed']++;
}

/** @param {string} name @param {{ env?: Record<string, string>, isAside?: boolean }} [options] */
async function test(name, options = {}) {
	const { env, isAside } = options;
	if (!isAside) console.log(`\n${env ? `${name}, on a DATABASE_URL` : name}`);
	const file = join(reports, `${name}${env ? '-url' : ''}.json`);
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
	// What runs aside takes one place, not two. Browsers wait for the desktop, the network and each other: two at a time
	// leave a third of two processors idle.
	const more = isAside ? ['--no-file-parallelism'] : name === 'e2e' ? ['--maxWorkers=3'] : [];
	const isWell = await run(['vitest', 'run', '--project', name, ...reporters, ...more], options);
	const { passed, failed } = countsIn(file);
	total.passed += passed;
	// A file that does not load, or a run that dies, has no failed test of its own.
	total.failed += isWell ? failed : Math.max(failed, 1);
}

/** The store's tests again, over TCP with a password. */
async function testOnDatabaseUrl() {
	try {
		const database = await startDatabaseUrl();
		await test('store', { env: { TEST_DATABASE_URL: database.url } });
		await database.stop();
	} catch (error) {
		console.error(error);
		total.failed++;
	}
}

/** @param {string} file */
function countsIn(file) {
	try {
		const report = JSON.parse(readFileSync(file, 'utf8'));
		return { passed: Number(report.numPassedTests), failed: Number(report.numFailedTests) };
	} catch {
		return { passed: 0, failed: 1 };
	}
}

const waiting = test('waiting', { isAside: true });
await check('lint', 'biome', 'check', '--error-on-warnings', '.');
await check('types', 'svelte-check', '--fail-on-warnings');
for (const name of PROJECTS) await test(name);
await testOnDatabaseUrl();
await waiting;
rmSync(reports, { recursive: true });

console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
