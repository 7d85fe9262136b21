import { type ChildProcess, spawn } from 'node:child_process';
import WebSocket from 'ws';
import { findBrowser } from './browsers.ts';

export interface PlainFirefox {
	/** Opens it in the first tab. */
	goto(url: string): Promise<void>;
	/** What the first tab shows. */
	text(): Promise<string>;
	/** Presses the button with this label as a person does; rejects where there is none. */
	press(label: string): Promise<void>;
	/** Runs an expression with all that the browser itself may do, such as changing a site's permissions. */
	asBrowser(expression: string): Promise<void>;
	/** Answers what the browser asks beside its address bar, once it does. */
	answerPrompt(isAllowed: boolean): Promise<void>;
	close(): Promise<void>;
}

interface Answer {
	id?: number;
	type: 'success' | 'error' | 'event';
	result?: Record<string, unknown>;
	message?: string;
}

/** Speaks WebDriver BiDi. */
function connect(url: string) {
	const socket = new WebSocket(url, { perMessageDeflate: false });
	const waiting = new Map<number, (answer: Answer) => void>();
	let lastId = 0;
	socket.on('message', (data) => {
		const answer = JSON.parse(String(data)) as Answer;
		waiting.get(answer.id ?? 0)?.(answer);
		waiting.delete(answer.id ?? 0);
	});
	return {
		opened: new Promise<void>((resolve) => socket.once('open', () => resolve())),
		send(method: string, params: object = {}) {
			const id = ++lastId;
			socket.send(JSON.stringify({ id, method, params }));
			return new Promise<Record<string, unknown>>((resolve, reject) => {
				waiting.set(id, ({ type, result, message }) =>
					type === 'success' ? resolve(result ?? {}) : reject(new Error(`${method}: ${message}`))
				);
			});
		},
		close: () => socket.close()
	};
}

function launch(profile: string, env: Record<string, string>) {
	const file = findBrowser('firefox');
	if (!file) throw new Error('firefox is not installed: install it, or name it in FIREFOX');
	const args = ['--headless', '--remote-debugging-port=0', '--remote-allow-system-access'];
	const browser: ChildProcess = spawn(file, [...args, '--no-remote', '--profile', profile], {
		env: { ...process.env, ...env },
		stdio: ['ignore', 'ignore', 'pipe']
	});
	const url = new Promise<string>((resolve, reject) => {
		let printed = '';
		browser.stderr?.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
			const [, found] = /BiDi listening on (\S+)/.exec(printed) ?? [];
			if (found) resolve(found);
		});
		browser.once('exit', () => reject(new Error(`firefox ended: ${printed}`)));
	});
	return { browser, url };
}

/**
 * Firefox on a profile that Playwright has been at, whose preferences stay with it; driven past Playwright, which
 * has no way to the browser's own scope.
 */
export async function plainFirefox(
	profile: string,
	env: Record<string, string>
): Promise<PlainFirefox> {
	const { browser, url } = launch(profile, env);
	const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
	const { opened, send, close } = connect(`${await url}/session`);
	await opened;
	await send('session.new', { capabilities: {} });
	const contextOf = async (params = {}) => {
		const { contexts } = (await send('browsingContext.getTree', params)) as {
			contexts: { context: string }[];
		};
		return contexts[0]?.context;
	};
	const evaluate = async (context: string | undefined, expression: string) => {
		const target = { context };
		const answer = await send('script.evaluate', { expression, target, awaitPromise: true });
		if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
		return answer.result as { value?: unknown; sharedId?: string };
	};
	const asBrowser = async (expression: string) =>
		void (await evaluate(await contextOf({ 'moz:scope': 'chrome' }), expression));
	return {
		async goto(url) {
			const context = await contextOf();
			await send('browsingContext.navigate', { context, url, wait: 'complete' });
		},
		async text() {
			const { value } = await evaluate(await contextOf(), 'document.body.innerText');
			return String(value);
		},
		async press(label) {
			const context = await contextOf();
			const found = `[...document.querySelectorAll('button')].find((one) => one.innerText === '${label}')`;
			const { sharedId } = await evaluate(context, found);
			if (!sharedId) throw new Error(`no button ${label}`);
			const origin = { type: 'element', element: { sharedId } };
			const steps = [
				{ type: 'pointerMove', x: 0, y: 0, origin },
				{ type: 'pointerDown', button: 0 },
				{ type: 'pointerUp', button: 0 }
			];
			const actions = [{ type: 'pointer', id: 'mouse', actions: steps }];
			await send('input.performActions', { context, actions });
		},
		asBrowser,
		answerPrompt: (isAllowed) =>
			asBrowser(`(async () => {
				const find = () => document.querySelector('#notification-popup popupnotification');
				const later = () => new Promise((resolve) => setTimeout(resolve, 100));
				while (!find()) await later();
				// Presses that come too soon after it has come up are not heard.
				while (find()) {
					find().${isAllowed ? 'button' : 'secondaryButton'}.click();
					await later();
				}
			})()`),
		async close() {
			await send('browser.close').catch(() => undefined);
			await ended;
			close();
		}
	};
}
