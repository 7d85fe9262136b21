import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts as findFreePorts } from './ports.ts';

const MAIN = path.resolve('api/main.ts');
const START_LIMIT_MS = 60_000;

export interface Server {
	readonly process: ChildProcess;
	/** What was printed so far. */
	readonly stdout: string;
	readonly stderr: string;
	/** Resolves with the exit code (null where a signal ended it). */
	readonly exited: Promise<number | null>;
	/** Ends it with SIGTERM and waits. */
	stop(): Promise<number | null>;
}

/** A folder for one server's data, short for the sake of the socket's path. */
export function dataFolder(): { path: string; remove(): void } {
	const folder = mkdtempSync(path.join(tmpdir(), 'bellhop-'));
	return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Two ports for a server and those that follow it, as its environment. */
export async function freePorts(): Promise<{ PORT: string; DEMO_PORT: string }> {
	const [app, demo] = await findFreePorts(2);
	return { PORT: String(app), DEMO_PORT: String(demo) };
}

/**
 * Runs api/main.ts as `npm start` does, with nothing but `env` (and PATH) in its environment, in a process group of
 * its own. `command`: what comes before node, such as `setpriv`.
 */
export function runServer(env: Record<string, string>, command: string[] = []): Server {
	const [file = '', ...args] = [...command, process.execPath, MAIN];
	const child = spawn(file, args, {
		env: { PATH: process.env.PATH, LOG_LEVEL: 'error', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true
	});
	const printed = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr'] as const)
		child[name].setEncoding('utf8').on('data', (text: string) => {
			printed[name] += text;
		});
	const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
	return {
		process: child,
		exited,
		get stdout() {
			return printed.stdout;
		},
		get stderr() {
			return printed.stderr;
		},
		stop() {
			child.kill('SIGTERM');
			return exited;
		}
	};
}

/** Waits until it says where it is. Throws with its output where it ends before. */
export async function startServer(
	env: Record<string, string>,
	command: string[] = []
): Promise<Server> {
	const server = runServer(env, command);
	const started = new Promise<void>((resolve) => {
		server.process.stdout?.on('data', () => {
			if (server.stdout.includes('Bellhop is at')) resolve();
		});
	});
	const timer = new Promise<never>((_, reject) => {
		setTimeout(() => reject(new Error('the server did not start')), START_LIMIT_MS).unref();
	});
	const ended = server.exited.then((code) => {
		throw new Error(`the server ended with ${code}: ${server.stderr}`);
	});
	// Of no interest once it has started.
	ended.catch(() => {});
	await Promise.race([started, ended, timer]);
	return server;
}
