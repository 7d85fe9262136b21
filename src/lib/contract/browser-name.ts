/** The first that fits names the browser: each also claims to be some of those below it. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
	[/\bHeadlessChrome\//, 'Headless Chrome'],
	[/\bEdg(e|A|iOS)?\//, 'Edge'],
	[/\b(OPR|OPT|OPX|OPiOS|Opera|Opera Mini)\//, 'Opera'],
	[/\bSamsungBrowser\//, 'Samsung Internet'],
	[/\bVivaldi\//, 'Vivaldi'],
	[/\bYaBrowser\//, 'Yandex Browser'],
	[/\b(DuckDuckGo|Ddg)\//, 'DuckDuckGo'],
	[/\bHuaweiBrowser\//, 'Huawei Browser'],
	[/\bMiuiBrowser\//, 'Mi Browser'],
	[/\bSilk\//, 'Silk'],
	[/\bGSA\//, 'Google app'],
	[/\b(Firefox|FxiOS|Focus|Klar)\//, 'Firefox'],
	// A page within another app: Android says so, Apple leaves the browser out.
	[/; wv\)|\b(FBAN|FBAV|Instagram)\b/, 'In-app browser'],
	[/\bChromium\//, 'Chromium'],
	[/\b(Chrome|CriOS)\//, 'Chrome'],
	[/\bEpiphany\//, 'GNOME Web'],
	[/\b(Macintosh|iPhone|iPad|iPod)\b.*\bVersion\/.*\bSafari\//, 'Safari'],
	[/\b(iPhone|iPad|iPod)\b.*\bAppleWebKit\//, 'In-app browser'],
	[/\bAppleWebKit\//, 'WebKit']
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
	[/\biPhone\b/, 'iPhone'],
	[/\biPad\b/, 'iPad'],
	[/\biPod\b/, 'iPod'],
	[/\bAndroid\b/, 'Android'],
	[/\bWindows\b/, 'Windows'],
	// Also an iPad that asks for desktop sites: it cannot be told apart.
	[/\bMac OS X\b/, 'macOS'],
	[/\bCrOS\b/, 'ChromeOS'],
	[/\bLinux\b/, 'Linux']
];

/** "Firefox on Linux" from a User-Agent, for people to read; null where it names no browser. */
export function browserName(userAgent: string): string | null {
	const nameIn = (table: typeof BROWSERS) => table.find(([form]) => form.test(userAgent))?.[1];
	const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
	if (browser === undefined) return null;
	return system === undefined ? browser : `${browser} on ${system}`;
}
