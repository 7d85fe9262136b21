import { newId } from '#contract/new-id.ts';
import type { PreviewMessage, PublicMessage, WidgetSessionResponse } from '#contract/widget.ts';
import { isBellhop } from '../bridge.ts';
import { freshFor } from '../freshness.ts';
import type { Known, ShownChat } from './chat.svelte.ts';

/** A chat that shows settings nobody has saved. It talks to no server, so nothing of it stays. */
export class Preview implements ShownChat {
	session = $state.raw<WidgetSessionResponse | null>(null);
	conversation = $state.raw<ShownChat['conversation']>(null);
	messages = $state.raw<readonly PublicMessage[]>([]);
	known = $state.raw<Known | null>(null);
	email = $state<string | null>(null);
	readonly unsent: ShownChat['unsent'] = [];
	readonly isFresh = true;
	readonly isConnected = true;
	readonly trouble = null;
	#bot: PreviewMessage['bot'] | null = null;

	show({ brand, bot, agents }: PreviewMessage): void {
		this.#bot = bot;
		const questions = bot.quickQuestions.map(({ question }) => question.trim()).filter(Boolean);
		const availability = {
			status: agents.length > 0 ? ('online' as const) : ('none' as const),
			agents: [...agents],
			lastActiveAgoMs: null,
			usualReplyMs: null,
			validForMs: 0
		};
		this.session = {
			token: '',
			brand,
			bot: { ...bot, quickQuestions: [...new Set(questions)] },
			state: { conversation: null, messages: [], availability }
		};
		this.known = { availability, freshness: freshFor(0) };
	}

	/** Answers as the bot would: by a quick question's answer, or with a person. */
	say(body: string): void {
		this.#add('visitor', body);
		const found = this.#bot?.quickQuestions.find(({ question }) => question.trim() === body);
		if (this.#bot?.humanOnly) this.askForPerson();
		else if (found?.answer) this.#add('bot', found.answer);
	}

	askForPerson(): void {
		this.conversation = { id: newId(), state: 'pending', seq: this.messages.length, agent: null };
	}

	retry(): void {}

	async leaveEmail(email: string): Promise<void> {
		this.email = email;
	}

	#add(authorKind: 'visitor' | 'bot', body: string): void {
		const message: PublicMessage = {
			id: newId(),
			seq: this.messages.length + 1,
			kind: 'text',
			authorKind,
			author: null,
			body,
			event: null,
			createdAt: Date.now()
		};
		this.messages = [...this.messages, message];
	}
}

/** Listens to a page of this very origin alone: anybody else could put words into the team's mouth. */
export function followSettings(window: Window, show: (message: PreviewMessage) => void): void {
	const { parent, location } = window;
	window.addEventListener('message', ({ data, source, origin }) => {
		if (source === parent && origin === location.origin && isBellhop(data))
			show(data as PreviewMessage);
	});
	parent.postMessage({ bellhop: 'ready' }, location.origin);
}
