import { mount } from 'svelte';
import type { PageFacts } from '../bridge.ts';
import { frameWords } from '../words.ts';
import { Chat } from './chat.svelte.ts';
import Frame from './Frame.svelte';
import { connectHost } from './host.ts';
import { createMemory } from './memory.ts';
import './widget.css';

const botId = location.pathname.split('/').at(-1) ?? '';
const theme = location.hash === '#dark' ? 'dark' : 'light';
const words = frameWords(navigator.languages);
const root = document.documentElement;
root.dataset.theme = theme;

interface Running {
	chat: Chat;
	frame: { focus(): void };
}

/** The visitor's chat, in the page around the frame. */
function live(): void {
	let running: Running | null = null;

	/** Only once the page has said hello: it may have kept what this visitor has said before. */
	function start(origin: string, page: PageFacts, kept: string | null): Running {
		const keep = (text: string) => host.tell({ bellhop: 'keep', text });
		const memory = createMemory(botId, { kept, keep });
		const chat = new Chat({ botId, memory, tell: host.tell });
		const frame = mount(Frame, { target: document.body, props: { chat, words, theme, close } });
		document.addEventListener('visibilitychange', () => chat.attend());
		addEventListener('online', () => chat.resume());
		chat.meet(origin, page);
		return { chat, frame };
	}

	const host = connectHost(window, {
		hello(origin, page, kept) {
			running = start(origin, page, kept);
		},
		opened(page, isFocused) {
			running?.chat.show(page);
			// On a touch screen a focused field calls up the keyboard, over what there is to read.
			if (isFocused && matchMedia('(pointer: fine)').matches) running?.frame.focus();
		},
		closed: () => running?.chat.hide()
	});
	const close = host.isAlone ? null : () => host.tell({ bellhop: 'close' });

	addEventListener('keydown', (event) => {
		if (event.key === 'Escape' && !event.isComposing) close?.();
	});
	if (host.isAlone) {
		const page = { url: location.href, title: document.title };
		start(location.origin, page, null).chat.show(page);
	}
}

/** What somebody who edits the bot sees beside the settings, saved or not. */
async function preview(): Promise<void> {
	const { followSettings, Preview } = await import('./preview.svelte.ts');
	const chat = new Preview();
	followSettings(window, (message) => chat.show(message));
	mount(Frame, { target: document.body, props: { chat, words, theme, close: null } });
}

if (location.search === '?preview') void preview();
else live();
