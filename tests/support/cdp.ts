import { type ChildProcess, spawn } from 'node:child_process';
import WebSocket from 'ws';
import { findBrowser, makeProfile, removeProfile } from './browsers.ts';

/** A tab as the browser itself treats it: it can be hidden, frozen and crashed, which Playwright's cannot. */
export interface Tab {
	send(method: string, params?: object): Promise<Record<string, unknown>>;
	/** The value of an expression, awaited. */
	evaluate<T>(expression: string): Promise<T>;
	/** Brings it to the front; the tab that was there is hidden. */
	activate(): Promise<void>;
	close(): Promise<void>;
	/** Resolves when the expression is true. */
	until(expression: string, timeoutMs?: number): Promise<void>;
}

export interface PlainChromium {
	/** In front of the others, or beside them in a window. `profile`: one of `newProfile`, else the browser's own. */
	open(url: string, options?: { profile?: string; isWindow?: boolean }): Promise<Tab>;
	newProfile(): Promise<string>;
	/** Lets a site show notifications, and wake its worker, without asking. */
	allow(origin: string): Promise<void>;
	close(): Promise<void>;
}

type Answer = { id?: number; result?: Record<string, unknown>; error?: { message: string } };

/** One connection to the browser; every tab has a session on it. */
function connect(url: string) {
	const socket = new WebSocket(url, { perMessageDeflate: false });
	const waiting = new Map<
		number,
		{ resolve: (a: Record<string, unknown>) => void; reject: (e: Error) => void }
	>();
	let lastId = 0;
	socket.on('message', (data) => {
		const { id, result, error } = JSON.parse(String(data)) as Answer;
		if (id === undefined) return;
		const call = waiting.get(id);
		waiting.delete(id);
		if (error) call?.reject(new Error(error.message));
		else call?.resolve(result ?? {});
	});
	return {
		opened: new Promise<void>((resolve) => socket.once('open', () => resolve())),
		send(method: string, params: object = {}, sessionId?: string) {
			const id = ++lastId;
			socket.send(JSON.stringify({ id, method, params, sessionId }));
			return new Promise<Record<string, unknown>>((resolve, reject) => {
				waiting.set(id, { resolve, reject });
			});
		},
		close: () => socket.close()
	};
}

function launch(
	profile: string,
	args: string[],
	env: Record<string, string>
): { process: ChildProcess; url: Promise<string> } {
	const file = findBrowser('chromium');
	if (!file) throw new Error('chromium is not installed: install it, or name it in CHROMIUM');
	const browser = spawn(
		file,
		[
			'--headless',
			'--remote-debugging-port=0',
			'--no-sandbox',
			'--disable-gpu',
			'--no-first-run',
			'--disable-background-networking',
			`--user-data-dir=${profile}`,
			...args,
			'about:blank'
		],
		{ env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] }
	);
	const url = new Promise<string>((resolve, reject) => {
		let printed = '';
		browser.stderr?.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
			const [, found] = /DevTools listening on (\S+)/.exec(printed) ?? [];
			if (found) resolve(found);
		});
		browser.once('exit', () => reject(new Error(`chromium ended: ${printed}`)));
	});
	return { process: browser, url };
}

/** Starts Chromium on a profile of its own, driven by nothing but its own protocol. */
export async function plainChromium(
	args: readonly string[] = [],
	env: Record<string, string> = {}
): Promise<PlainChromium> {
	const profile = makeProfile();
	const browser = launch(profile, [...args], env);
	const connection = connect(await browser.url);
	await connection.opened;
	const ended = new Promise<void>((resolve) => browser.process.once('exit', () => resolve()));

	async function attach(targetId: string): Promise<Tab> {
		const { sessionId } = await connection.send('Target.attachToTarget', {
			targetId,
			flatten: true
		});
		const send: Tab['send'] = (method, params) =>
			connection.send(method, params, sessionId as string);
		const tab: Tab = {
			send,
			async evaluate<T>(expression: string) {
				const { result, exceptionDetails } = (await send('Runtime.evaluate', {
					expression,
					awaitPromise: true,
					returnByValue: true
				})) as { result: { value: T }; exceptionDetails?: { text: string } };
				if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
				return result.value;
			},
			async activate() {
				await connection.send('Target.activateTarget', { targetId });
			},
			async close() {
				await connection.send('Target.closeTarget', { targetId });
			},
			async until(expression, timeoutMs = 60_000) {
				const end = Date.now() + timeoutMs;
				// A navigation under way answers with an error.
				while (!(await tab.evaluate<boolean>(expression).catch(() => false))) {
					if (Date.now() > end) throw new Error(`never true: ${expression}`);
					await new Promise((resolve) => setTimeout(resolve, 50));
				}
			}
		};
		return tab;
	}

	return {
		async open(url, { profile: browserContextId, isWindow: newWindow } = {}) {
			const { targetId } = await connection.send('Target.createTarget', {
				url,
				browserContextId,
				newWindow
			});
			return attach(targetId as string);
		},
		async newProfile() {
			return (await connection.send('Target.createBrowserContext')).browserContextId as string;
		},
		async allow(origin) {
			const permissions = ['notifications', 'backgroundSync'];
			await connection.send('Browser.grantPermissions', { origin, permissions });
		},
		async close() {
			await connection.send('Browser.close').catch(() => undefined);
			await ended;
			connection.close();
			removeProfile(profile);
		}
	};
}
