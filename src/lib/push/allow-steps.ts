interface BrowserSteps {
	place: string;
	steps: readonly [string, string, string];
}

const BACK = 'Come back here. The page notices by itself';

/** Each browser's own way to allow notifications again; the first that fits counts. */
const BROWSERS: readonly (BrowserSteps & { fits: RegExp })[] = [
	{
		fits: /iphone|ipad/i,
		place: 'On iPhone and iPad',
		steps: ['Open Settings, then Notifications', 'Tap Bellhop and switch notifications on', BACK]
	},
	{
		fits: /firefox.*android|android.*firefox/i,
		place: 'In Firefox on Android',
		steps: ['Tap the lock left of the address', 'Tap Notification until it reads Allowed', BACK]
	},
	{
		fits: /samsungbrowser/i,
		place: 'In Samsung Internet',
		steps: [
			'Tap the lock left of the address, then Permissions',
			'Tap Notifications and allow them',
			BACK
		]
	},
	{
		fits: /android/i,
		place: 'In Chrome on Android',
		steps: [
			'Tap the icon left of the address, then Permissions',
			'Tap Notifications and switch them on',
			BACK
		]
	},
	{
		fits: /firefox/i,
		place: 'In Firefox',
		steps: [
			'Click the crossed-out bubble left of the address',
			'Remove Blocked beside Send notifications, then reload this page',
			'Choose Enable and allow'
		]
	},
	{
		fits: /edg\//i,
		place: 'In Edge',
		steps: [
			'Click the lock left of the address, then Permissions for this site',
			'Choose Allow beside Notifications',
			BACK
		]
	},
	{
		fits: /chrom/i,
		place: 'In Chrome',
		steps: ['Click the icon left of the address', 'Switch Notifications on', BACK]
	},
	{
		fits: /safari/i,
		place: 'In Safari on Mac',
		steps: [
			'Open Safari, Settings, then Websites and Notifications',
			'Choose Allow beside this site',
			BACK
		]
	}
];

/** The three steps for the browser of this user agent. A Mac with fingers on it is an iPad that says otherwise. */
export function allowSteps(userAgent: string, touchPoints = 0): BrowserSteps {
	const isIPad = /macintosh/i.test(userAgent) && touchPoints > 1;
	return (
		BROWSERS.find(({ fits }) => fits.test(isIPad ? 'iPad' : userAgent)) ?? {
			place: 'In this browser',
			steps: ['Open the settings of this site', 'Allow notifications', BACK]
		}
	);
}
