import type { BrandColors } from './color.ts';
import type { LauncherWords } from './words.ts';

/** The parts that live in the host's document, inside one shadow root. */
export interface Launcher {
	host: HTMLElement;
	button: HTMLButtonElement;
	/** Puts the frame into the window, without showing it. */
	insert(frame: HTMLIFrameElement): void;
	show(view: LauncherView): void;
	paint(colors: BrandColors): void;
}

export interface LauncherView {
	isOpen: boolean;
	isBusy: boolean;
	isOnline: boolean;
	unread: number;
}

// `!important` inside a shadow root wins over whatever the host page says about the element.
const CSS = `
:host{all:initial!important;position:fixed!important;right:20px!important;bottom:20px!important;z-index:2147483000!important;display:block!important;width:60px!important;height:60px!important}
:host([hidden]){display:none!important}
button{all:unset;box-sizing:border-box;position:relative;display:grid;place-items:center;width:60px;height:60px;border-radius:50%;background:var(--brand);color:var(--on-brand);cursor:pointer;box-shadow:0 2px 6px rgb(9 32 43/.18),0 12px 28px -8px rgb(9 32 43/.4);-webkit-tap-highlight-color:transparent}
button:focus-visible{outline:3px solid var(--focus);outline-offset:3px}
button[aria-busy=true] svg{opacity:.5}
svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
i,b{position:absolute;top:2px;right:2px;box-sizing:border-box;width:17px;height:17px;border-radius:50%;background:#0c994f;border:3px solid var(--ground)}
b{top:-3px;right:-3px;width:auto;min-width:24px;height:24px;padding:0 5px;border:0;border-radius:12px;background:#c32324;color:#fff;font:700 12px/24px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
iframe{position:fixed;right:20px;bottom:94px;box-sizing:border-box;width:360px;height:min(560px,calc(100vh - 114px));height:min(560px,calc(100dvh - 114px));border:0;border-radius:20px;background:var(--ground);color-scheme:inherit;box-shadow:0 0 0 1px var(--line),0 24px 60px -16px rgb(9 32 43/.4)}
@media(prefers-reduced-motion:no-preference){iframe{animation:in .17s cubic-bezier(.2,.8,.2,1)}@keyframes in{from{opacity:0;transform:translateY(8px)}}}
@media(max-width:719px){iframe{inset:0;width:100%;height:100%;border-radius:0;box-shadow:none}iframe:not([hidden])~button{display:none}}
@media print{:host{display:none!important}}
`;
const CHAT =
	'M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719';
const DOWN = 'm6 9 6 6 6-6';
const GROUNDS = {
	light: { ground: '#fff', line: '#dde3e6', focus: '#007bb2' },
	dark: { ground: '#11191c', line: '#252e32', focus: '#67d5f5' }
};

function icon(document: Document): { svg: SVGSVGElement; path: SVGPathElement } {
	const NS = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(NS, 'svg');
	const path = document.createElementNS(NS, 'path');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	svg.append(path);
	return { svg, path };
}

/**
 * Builds the launcher outside the body, so that neither a page that replaces its body nor its
 * `:last-child` rules notice. The style is a constructed sheet and colours are set by property:
 * a host's `style-src` does not have to allow anything.
 */
export function createLauncher(words: LauncherWords, isDark: boolean): Launcher {
	const host = document.createElement('bellhop-widget');
	const root = host.attachShadow({ mode: 'open' });
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(CSS);
	root.adoptedStyleSheets = [sheet];
	for (const [name, value] of Object.entries(GROUNDS[isDark ? 'dark' : 'light']))
		host.style.setProperty(`--${name}`, value);
	const button = document.createElement('button');
	button.type = 'button';
	const { svg, path } = icon(document);
	const dot = document.createElement('i');
	const count = document.createElement('b');
	button.append(svg, dot, count);
	root.append(button);
	return {
		host,
		button,
		insert: (frame) => button.before(frame),
		paint(colors) {
			host.style.setProperty('--brand', colors.brand);
			host.style.setProperty('--on-brand', colors.onBrand);
		},
		show({ isOpen, isBusy, isOnline, unread }) {
			path.setAttribute('d', isOpen ? DOWN : CHAT);
			count.hidden = isOpen || unread === 0;
			count.textContent = unread > 9 ? '9+' : String(unread);
			dot.hidden = isOpen || !isOnline || unread > 0;
			button.setAttribute('aria-busy', String(isBusy));
			button.setAttribute('aria-expanded', String(isOpen));
			button.setAttribute('aria-label', labelOf(words, { isOpen, isOnline, unread }));
		}
	};
}

function labelOf(words: LauncherWords, view: Omit<LauncherView, 'isBusy'>): string {
	if (view.isOpen) return words.close;
	if (view.unread > 0) return words.openUnread(view.unread);
	return view.isOnline ? words.openOnline : words.open;
}
