import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composer, signIn } from './agent.ts';
import { type Bellhop, startBellhop } from './in-process.ts';
import { DESK } from './world.ts';

// The server goes away in the end; browsers report every refused request.
const NO_LISTENER = [
	/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|NetworkError|Failed to fetch|can.t establish|503/i
];
const SOURCES = [
	...['package.json', 'package-lock.json', 'tsconfig.json'],
	...['svelte.config.js', 'vite.chunks.ts', 'vite.config.ts', 'vite.widget.config.ts'],
	...['src', 'static', 'scripts']
];

interface Build {
	root: string;
	remove(): void;
}

/** Builds the app as it will be one day, with another title over its inbox. */
async function nextVersion(): Promise<Build> {
	const folder = mkdtempSync(path.join(tmpdir(), 'bellhop-next-'));
	for (const source of SOURCES)
		cpSync(source, path.join(folder, source), { recursive: true, force: true });
	symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
	const inbox = path.join(folder, 'src/routes/(app)/chats/[[id]]/+page.svelte');
	writeFileSync(inbox, readFileSync(inbox, 'utf8').replace('"Live Chat"', '"Live Chat 2"'));
	await run(folder, ['vite', 'build', '--logLevel', 'error']);
	return {
		root: path.join(folder, 'build'),
		remove: () => rmSync(folder, { recursive: true, force: true })
	};
}

/** Runs a package's command in a folder; throws with its output where it fails. */
function run(cwd: string, [command = '', ...args]: string[]): Promise<void> {
	const script = path.resolve('node_modules/.bin', command);
	const child = spawn(script, args, { cwd, env: { ...process.env, NODE_ENV: 'production' } });
	let printed = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
		});
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(printed))));
	});
}

let next: Build;
beforeAll(async () => {
	next = await nextVersion();
});
afterAll(() => next?.remove());

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let bellhop: Bellhop;
	beforeAll(async () => {
		bellhop = await startBellhop(NO_LISTENER);
	});
	afterAll(() => bellhop.close());

	test('an open app says that a newer one is there, and becomes it on a press, not before', async () => {
		const agent = await bellhop.newAgent();
		const { conversationId } = await bellhop.newCaller(agent.team, {
			name: 'Lena',
			text: 'Is it in stock'
		});
		const context = await bellhop.open(name, { context: DESK });
		const page = await context.newPage();
		await signIn(page, agent);
		await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
		await page.goto(`${bellhop.origin}/chats/${conversationId}`);
		await composer(page).fill('Half a sentence');

		bellhop.serveBuild(next.root);
		// What a browser does by itself at a navigation, and once a day.
		await page.evaluate(async () => {
			await (await navigator.serviceWorker.ready).update();
		});
		await page.getByText('A newer Bellhop is ready.').waitFor({ timeout: 60_000 });
		await page.getByRole('heading', { name: 'Live Chat', exact: true }).waitFor();
		expect(await composer(page).inputValue()).toBe('Half a sentence');

		await page.getByRole('button', { name: 'Reload' }).click();
		await page.getByRole('heading', { name: 'Live Chat 2' }).waitFor();
		await page.getByText('A newer Bellhop is ready.').waitFor({ state: 'detached' });
		await page.getByText('Is it in stock').first().waitFor();

		await bellhop.cut();
		const offline = await context.newPage();
		await offline.goto(`${bellhop.origin}/chats`);
		await offline.getByRole('heading', { name: 'Live Chat 2' }).waitFor();
		await offline.getByText('Is it in stock').first().waitFor();
		expect(bellhop.problems).toEqual([]);
	});
});
