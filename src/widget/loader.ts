import { type FromFrame, isBellhop, type ToFrame } from './bridge.ts';
import { brandColors } from './color.ts';
import { type Freshness, freshFor } from './freshness.ts';
import { createLauncher, type Launcher } from './launcher.ts';
import { type LauncherWords, launcherWords } from './words.ts';

/**
 * The script a website puts on its pages. It adds one element and one global, and promises that
 * nothing it does can throw in the page, hold up a click or move anything: until the server has
 * answered there is nothing to see.
 */
interface Settings {
	origin: string;
	botId: string;
	isDark: boolean;
	words: LauncherWords;
}

interface Page {
	settings: Settings;
	launcher: Launcher;
	frame: HTMLIFrameElement | null;
	/** The frame has said that it runs. */
	isReady: boolean;
	isWanted: boolean;
	/** The visitor's own act: the focus may move. */
	isFocused: boolean;
	online: Freshness | null;
	unread: number;
	/** The timer of the next question. */
	asking: ReturnType<typeof setTimeout> | undefined;
}

const ASK_TIMEOUT_MS = 10_000;
const FRAME_TIMEOUT_MS = 15_000;
/** How soon the launcher asks again: before an answer runs out, within these bounds. */
const ASK_AGAIN_MS = { least: 15_000, most: 60_000 };

declare global {
	interface Window {
		Bellhop?: { open(): void; close(): void };
	}
}

/** Runs it and keeps every failure from the host page. */
function quietly<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch {
		return undefined;
	}
}

/** A word kept in the host's storage; where storage is refused, nothing is remembered. */
const recall = (storage: () => Storage, key: string) => quietly(() => storage().getItem(key));
const keep = (storage: () => Storage, key: string, value: string | null) =>
	quietly(() => (value === null ? storage().removeItem(key) : storage().setItem(key, value)));
const forTab = () => sessionStorage;
const forGood = () => localStorage;

const isShown = (page: Page) => page.isWanted && page.isReady;

function render(page: Page): void {
	const isOpen = isShown(page);
	if (page.frame) page.frame.hidden = !isOpen;
	page.launcher.show({
		isOpen,
		isBusy: page.isWanted && !isOpen,
		isOnline: page.online?.isFresh() ?? false,
		unread: page.unread
	});
}

function send(page: Page, message: ToFrame): void {
	// A frame that was refused is of no origin, and the browser would complain in the host's console.
	if (page.isReady) page.frame?.contentWindow?.postMessage(message, page.settings.origin);
}

const facts = () => ({
	url: location.href.slice(0, 2000),
	title: document.title.slice(0, 300)
});

/** Creates the frame, hidden. One that never answers is taken away again, so a later click starts afresh. */
function preload(page: Page): void {
	if (page.frame) return;
	const { origin, botId, isDark, words } = page.settings;
	const frame = document.createElement('iframe');
	frame.hidden = true;
	frame.title = words.frame;
	frame.src = `${origin}/frame/${encodeURIComponent(botId)}#${isDark ? 'dark' : 'light'}`;
	page.frame = frame;
	page.launcher.insert(frame);
	const giveUp = () => {
		if (page.isReady) return;
		frame.remove();
		page.frame = null;
		page.isWanted = false;
		render(page);
	};
	setTimeout(() => quietly(giveUp), FRAME_TIMEOUT_MS);
}

function open(page: Page, isFocused: boolean): void {
	page.isWanted = true;
	page.isFocused = isFocused;
	preload(page);
	render(page);
	if (page.isReady) reveal(page);
}

function reveal(page: Page): void {
	keep(forTab, 'bellhop-open', '1');
	if (page.isFocused) page.frame?.focus();
	send(page, { bellhop: 'opened', page: facts(), isFocused: page.isFocused });
}

function close(page: Page): void {
	const hadFocus = page.launcher.host.shadowRoot?.activeElement === page.frame;
	page.isWanted = false;
	keep(forTab, 'bellhop-open', null);
	render(page);
	send(page, { bellhop: 'closed' });
	if (hadFocus) page.launcher.button.focus();
}

function receive(page: Page, message: FromFrame): void {
	if (message.bellhop === 'ready') {
		page.isReady = true;
		send(page, { bellhop: 'hello', page: facts(), kept: recall(forTab, 'bellhop-kept') ?? null });
		render(page);
		if (page.isWanted) reveal(page);
	} else if (message.bellhop === 'close') close(page);
	else if (message.bellhop === 'talking') keep(forGood, 'bellhop-talking', page.settings.botId);
	else if (message.bellhop === 'keep') keep(forTab, 'bellhop-kept', String(message.text));
	else if (message.bellhop === 'unread') {
		page.unread = Number(message.count) || 0;
		render(page);
	}
}

/** Asks who is there. Whatever goes wrong, the green dot goes out by itself when its time is over. */
async function ask(page: Page): Promise<void> {
	const { origin, botId, isDark } = page.settings;
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), ASK_TIMEOUT_MS);
	let again = ASK_AGAIN_MS.most;
	try {
		// Counted from before the question, so that a slow answer is not believed for longer than it holds.
		const asked = performance.now();
		const response = await fetch(`${origin}/api/widget/availability?bot=${botId}`, {
			credentials: 'omit',
			signal: stop.signal
		});
		if (response.status === 403 || response.status === 404) again = Number.POSITIVE_INFINITY;
		const answer = response.ok ? await response.json() : null;
		if (answer) {
			const leftMs = Number(answer.validForMs) - (performance.now() - asked);
			page.online = answer.status === 'online' ? freshFor(leftMs) : null;
			if (page.online) setTimeout(() => quietly(() => render(page)), leftMs + 50);
			again = Math.min(Math.max(leftMs * 0.8, ASK_AGAIN_MS.least), ASK_AGAIN_MS.most);
			page.launcher.paint(brandColors(String(answer.color), isDark ? 'dark' : 'light'));
			if (!page.launcher.host.isConnected) {
				document.documentElement.append(page.launcher.host);
				quietly(() => goOn(page));
			}
		}
	} catch {
		// No answer: nothing is known, nothing is shown.
	}
	clearTimeout(timer);
	quietly(() => render(page));
	if (Number.isFinite(again)) schedule(page, again);
}

/** What the visitor was at on an earlier page, as soon as the server answers: the first question may find it down. */
function goOn(page: Page): void {
	// On a phone the window covers the page that the visitor has just gone to.
	const isDesk = matchMedia('(min-width:720px)').matches;
	if (isDesk && recall(forTab, 'bellhop-open')) open(page, false);
	else if (recall(forGood, 'bellhop-talking') === page.settings.botId) preload(page);
}

function schedule(page: Page, inMs: number): void {
	clearTimeout(page.asking);
	page.asking = setTimeout(() => {
		// A hidden page asks nobody, and an open frame knows for itself: both ask again when it is over.
		if (document.visibilityState === 'hidden' || isShown(page)) schedule(page, inMs);
		else void ask(page);
	}, inMs);
}

function listen(page: Page): void {
	const { button, host } = page.launcher;
	for (const type of ['pointerenter', 'focus', 'touchstart'])
		button.addEventListener(type, () => quietly(() => preload(page)), { passive: true });
	button.addEventListener('click', () =>
		quietly(() => (isShown(page) ? close(page) : open(page, true)))
	);
	host.addEventListener('keydown', (event) => {
		if (event.key === 'Escape' && page.isWanted) quietly(() => close(page));
	});
	addEventListener('message', (event) => {
		if (event.origin !== page.settings.origin) return;
		if (!page.frame || event.source !== page.frame.contentWindow) return;
		if (isBellhop(event.data)) quietly(() => receive(page, event.data as FromFrame));
	});
	document.addEventListener('visibilitychange', () => {
		quietly(() => render(page));
		const isDue = page.online !== null && !page.online.isFresh();
		if (document.visibilityState === 'visible' && isDue) void ask(page);
	});
}

/** Reads the script's own tag. `data-theme`: `light`, `dark`, or what the visitor's system says. */
function settingsOf(script: HTMLScriptElement): Settings | null {
	const { bot, theme } = script.dataset;
	if (!bot) return null;
	const prefersDark = () => matchMedia('(prefers-color-scheme: dark)').matches;
	return {
		origin: new URL(script.src).origin,
		botId: bot,
		isDark: theme === 'dark' || (theme !== 'light' && prefersDark()),
		words: launcherWords([document.documentElement.lang, ...navigator.languages])
	};
}

/** When the page has loaded and has nothing better to do. */
function whenIdle(work: () => void): void {
	const idle = () =>
		typeof requestIdleCallback === 'function'
			? requestIdleCallback(work, { timeout: 5000 })
			: setTimeout(work, 1000);
	if (document.readyState === 'complete') idle();
	else addEventListener('load', idle, { once: true });
}

function start(script: HTMLScriptElement): void {
	const settings = settingsOf(script);
	if (!settings || window.Bellhop) return;
	const page: Page = {
		settings,
		launcher: createLauncher(settings.words, settings.isDark),
		frame: null,
		isReady: false,
		isWanted: false,
		isFocused: false,
		online: null,
		unread: 0,
		asking: undefined
	};
	window.Bellhop = {
		open: () => quietly(() => open(page, true)),
		close: () => quietly(() => close(page))
	};
	listen(page);
	whenIdle(() => void ask(page));
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) quietly(() => start(script));
