import { expect, test } from 'vitest';
import { browserName } from '#contract/browser-name.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const windows = (rest: string) => `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${rest}`;
const mac = (rest: string) => `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${rest}`;
const linux = (rest: string) => `Mozilla/5.0 (X11; Linux x86_64) ${rest}`;
const android = (rest: string) => `Mozilla/5.0 (Linux; Android 10; K) ${rest}`;
const iPhone = (rest: string) =>
	`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${APPLE} ${rest}`;

const KNOWN: [name: string, userAgent: string][] = [
	['Chrome on Windows', windows(`${WEBKIT} Chrome/142.0.0.0 Safari/537.36`)],
	['Chrome on macOS', mac(`${WEBKIT} Chrome/142.0.0.0 Safari/537.36`)],
	['Chrome on Android', android(`${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`)],
	[
		'Chrome on ChromeOS',
		`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`
	],
	['Headless Chrome on Linux', linux(`${WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36`)],
	['Chromium on Linux', linux(`${WEBKIT} Ubuntu Chromium/80.0 Chrome/80.0 Safari/537.36`)],
	['Edge on Windows', windows(`${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`)],
	['Edge on Windows', windows(`${WEBKIT} Chrome/64.0 Safari/537.36 Edge/17.17134`)],
	['Edge on Android', android(`${WEBKIT} Chrome/142.0 Mobile Safari/537.36 EdgA/142.0`)],
	['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'],
	['Firefox on Android', 'Mozilla/5.0 (Android 14; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0'],
	['Opera on macOS', mac(`${WEBKIT} Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0`)],
	[
		'Samsung Internet on Android',
		android(`${WEBKIT} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`)
	],
	['Vivaldi on Linux', linux(`${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.6`)],
	['Safari on macOS', mac(`${APPLE} Version/26.0 Safari/605.1.15`)],
	['Safari on iPhone', iPhone('Version/26.0 Mobile/15E148 Safari/604.1')],
	[
		'Safari on iPad',
		`Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) ${APPLE} Version/18.5 Mobile/15E148 Safari/604.1`
	],
	['Chrome on iPhone', iPhone('CriOS/142.0.0.0 Mobile/15E148 Safari/604.1')],
	['Firefox on iPhone', iPhone('FxiOS/144.0 Mobile/15E148 Safari/604.1')],
	['Edge on iPhone', iPhone('Version/18.0 EdgiOS/142.0.0.0 Mobile/15E148 Safari/604.1')],
	['Opera on iPhone', iPhone('Version/18.5 Mobile/15E148 Safari/604.1 OPT/6.0.0')],
	['DuckDuckGo on iPhone', iPhone('Version/18.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15')],
	['Google app on iPhone', iPhone('GSA/390.0 Mobile/15E148 Safari/604.1')],
	['In-app browser on iPhone', iPhone('Mobile/15E148')],
	[
		'In-app browser on Android',
		`Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${WEBKIT} Version/4.0 Chrome/142.0 Mobile Safari/537.36`
	],
	['In-app browser on iPhone', iPhone('Mobile/15E148 [FBAN/FBIOS;FBAV/531.0]')],
	['GNOME Web on Linux', linux(`${APPLE} Version/17.0 Safari/605.1.15 Epiphany/605.1.15`)],
	['WebKit on Linux', linux(`${APPLE} Version/26.0 Safari/605.1.15`)]
];

test.each(KNOWN)('%s is told from %s', (name, userAgent) => {
	expect(browserName(userAgent)).toBe(name);
});

test.each(['', 'curl/8.5.0', 'Mozilla/5.0', 'test'])('"%s" names no browser', (userAgent) => {
	expect(browserName(userAgent)).toBeNull();
});
