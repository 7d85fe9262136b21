// In this order: each of these also names the ones below it.
const BROWSERS = [
	[/\bEdg(e|A|iOS)?\//, 'Edge'],
	[/\bOPR\//, 'Opera'],
	[/\bSamsungBrowser\//, 'Samsung Internet'],
	[/\b(Firefox|FxiOS)\//, 'Firefox'],
	[/\b(Chrome|CriOS)\//, 'Chrome'],
	[/\bSafari\//, 'Safari']
] as const;
const SYSTEMS = [
	[/\bAndroid\b/, 'Android'],
	[/\b(iPhone|iPad|iPod)\b/, 'iOS'],
	[/\bWindows\b/, 'Windows'],
	[/\bMac OS X\b/, 'macOS'],
	[/\bCrOS\b/, 'ChromeOS'],
	[/\bLinux\b/, 'Linux']
] as const;

/** "Firefox on Linux" from a User-Agent header, for people to read; null where it names no browser. */
export function browserName(userAgent: string): string | null {
	const [, browser] = BROWSERS.find(([form]) => form.test(userAgent)) ?? [];
	const [, system] = SYSTEMS.find(([form]) => form.test(userAgent)) ?? [];
	if (browser === undefined) return null;
	return system === undefined ? browser : `${browser} on ${system}`;
}
