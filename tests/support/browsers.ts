import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	type BrowserContext,
	type BrowserContextOptions,
	chromium,
	firefox
} from 'playwright-core';
import type { Desktop } from './desktop.ts';
import type { PushServices } from './push/services.ts';

export type BrowserName = 'chromium' | 'firefox';

export interface BrowserOptions {
	/** Where real pushes come from. */
	services?: PushServices | undefined;
	/** Where notifications are shown; without one Firefox draws them itself. */
	desktop?: Desktop | undefined;
	/** A folder to come back to after a restart; else one that goes with the browser. */
	profile?: string | undefined;
	/** What Playwright takes: viewport, colorScheme, isMobile (Chromium alone) ... */
	context?: BrowserContextOptions;
	/** Origins that may show notifications without asking (Chromium; Firefox may always). */
	allow?: readonly string[];
	/** The person has blocked notifications, on every site. */
	isBlocked?: boolean;
}

const PATHS: Record<BrowserName, readonly string[]> = {
	chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
	firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox']
};

/** The installed browser: named by CHROMIUM or FIREFOX, else where Linux keeps it; undefined: none. */
export const findBrowser = (name: BrowserName): string | undefined =>
	[process.env[name.toUpperCase()], ...PATHS[name]].find((file) => file && existsSync(file));

/** Everything that a person's profile is asked for by the app; Playwright denies what is not listed. */
const PERMISSIONS = ['notifications', 'background-sync'];

const CHROMIUM_ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

/** For one step on a page, on a machine that is busy. */
const STEP_MS = 60_000;

/** A new folder for a profile that outlives its browser. */
export const makeProfile = (): string => mkdtempSync(path.join(tmpdir(), 'bellhop-profile-'));

/** A browser that has just ended may still be writing. */
export const removeProfile = (profile: string): void =>
	rmSync(profile, { recursive: true, force: true, maxRetries: 5 });

/**
 * A real browser, headless unless HEADED is set, on a profile of its own: an incognito one has neither pushes nor
 * clicks. It asks for reduced motion: without a graphics card a bell that swings takes half a core. Close the
 * context to close the browser.
 */
export async function openBrowser(
	name: BrowserName,
	options: BrowserOptions = {}
): Promise<BrowserContext> {
	const executablePath = findBrowser(name);
	if (!executablePath)
		throw new Error(`${name} is not installed: install it, or name it in ${name.toUpperCase()}`);
	const profile = options.profile ?? makeProfile();
	const launch = {
		executablePath,
		headless: !process.env.HEADED,
		env: { ...(process.env as Record<string, string>), ...options.desktop?.env },
		...options.context
	};
	const context =
		name === 'chromium'
			? await openChromium(profile, launch, options)
			: await openFirefox(profile, launch, options);
	context.setDefaultTimeout(STEP_MS);
	if (options.profile === undefined) context.once('close', () => removeProfile(profile));
	return context;
}

type Launch = BrowserContextOptions & {
	executablePath: string;
	headless: boolean;
	env: Record<string, string>;
};

async function openChromium(
	profile: string,
	launch: Launch,
	{ services, allow = [], isBlocked = false }: BrowserOptions
): Promise<BrowserContext> {
	const args = [...CHROMIUM_ARGS, ...(services?.google.args ?? [])];
	const context = await chromium.launchPersistentContext(profile, {
		reducedMotion: 'reduce',
		...launch,
		args
	});
	const granted = PERMISSIONS.filter((name) => !isBlocked || name !== 'notifications');
	for (const origin of allow) await context.grantPermissions(granted, { origin });
	return context;
}

/** The stock browser, over WebDriver BiDi. */
function openFirefox(
	profile: string,
	launch: Launch,
	{ services, desktop, isBlocked = false }: BrowserOptions
): Promise<BrowserContext> {
	return firefox.launchPersistentContext(profile, {
		...launch,
		channel: 'moz-firefox',
		firefoxUserPrefs: {
			'ui.prefersReducedMotion': 1,
			'permissions.default.desktop-notification': isBlocked ? 2 : 1,
			// WebDriver BiDi delivers no key or click into a frame of another process.
			'fission.webContentIsolationStrategy': 0,
			'alerts.useSystemBackend': desktop !== undefined,
			...services?.mozilla.prefs
		}
	});
}
