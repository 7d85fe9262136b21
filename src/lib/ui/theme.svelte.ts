export type Theme = 'system' | 'light' | 'dark';

export const THEMES: readonly { value: Theme; label: string }[] = [
	{ value: 'system', label: 'As the system' },
	{ value: 'light', label: 'Light' },
	{ value: 'dark', label: 'Dark' }
];

const KEY = 'bellhop-theme';
/** `--canvas` of each theme: what the browser paints around the page. */
const CANVAS = { light: '#edf2f4', dark: '#090f12' } as const;

const read = (): Theme => {
	const stored = localStorage.getItem(KEY);
	return stored === 'light' || stored === 'dark' ? stored : 'system';
};

let current = $state<Theme>('system');

function apply(): void {
	const root = document.documentElement;
	if (current === 'system') delete root.dataset.theme;
	else root.dataset.theme = current;
	for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
		const own = meta.media.includes('dark') ? 'dark' : 'light';
		meta.content = CANVAS[current === 'system' ? own : current];
	}
}

/** This browser's choice of light or dark; the system's unless somebody chose. */
export const theme = {
	get current(): Theme {
		return current;
	},
	/** Before the first paint. */
	load(): void {
		current = read();
		apply();
	},
	choose(next: Theme): void {
		current = next;
		if (next === 'system') localStorage.removeItem(KEY);
		else localStorage.setItem(KEY, next);
		apply();
	}
};
