import { mount } from 'svelte';
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

const chat = new Chat({
	botId,
	memory: createMemory(botId),
	tell: (message) => host.tell(message)
});
const host = connectHost(window, {
	hello: (origin, page) => chat.meet(origin, page),
	opened(page, isFocused) {
		chat.show(page);
		// On a touch screen a focused field calls up the keyboard, over what there is to read.
		if (isFocused && matchMedia('(pointer: fine)').matches) frame.focus();
	},
	closed: () => chat.hide()
});
const close = host.isAlone ? null : () => host.tell({ bellhop: 'close' });
const frame = mount(Frame, { target: document.body, props: { chat, words, theme, close } });

document.addEventListener('visibilitychange', () => chat.attend());
addEventListener('online', () => chat.resume());
addEventListener('keydown', (event) => {
	if (event.key === 'Escape' && !event.isComposing) close?.();
});
if (host.isAlone) {
	const page = { url: location.href, title: document.title };
	chat.meet(location.origin, page);
	chat.show(page);
}
