import { newId } from '#contract/ids.ts';
import {
	type Availability,
	type PublicConversation,
	type PublicMessage,
	type WidgetSessionResponse,
	WidgetState
} from '#contract/widget.ts';
import type { FromFrame, PageFacts } from '../bridge.ts';
import { type Freshness, freshFor } from '../freshness.ts';
import { act, openSession, openStream, Refused, readState } from './api.ts';
import { createLive } from './live.ts';
import type { Memory } from './memory.ts';
import { type Attempt, createOutbox, type Unsent } from './outbox.ts';
import { serverEvents } from './server-events.ts';

interface ChatDeps {
	botId: string;
	memory: Memory;
	tell(message: FromFrame): void;
}

/** What the server said about availability, and for how long that may be believed. */
export interface Known {
	availability: Availability;
	freshness: Freshness;
}

const RETRY_MS = 5000;
const ignore = () => undefined;

/** The part of a chat that can be seen and pressed. */
export type ShownChat = Pick<
	Chat,
	| ('session' | 'conversation' | 'messages' | 'unsent' | 'known' | 'isFresh' | 'isConnected')
	| ('trouble' | 'email' | 'say' | 'askForPerson' | 'retry' | 'leaveEmail')
>;

/** The whole state of one visitor's chat, and what a visitor can do. Components only show it. */
export class Chat {
	session = $state.raw<WidgetSessionResponse | null>(null);
	conversation = $state.raw<PublicConversation | null>(null);
	messages = $state.raw<readonly PublicMessage[]>([]);
	unsent = $state.raw<readonly Unsent[]>([]);
	known = $state.raw<Known | null>(null);
	/** Whether `known` may still be believed. */
	isFresh = $state(false);
	isOpen = $state(false);
	isConnected = $state(true);
	/** Why there is no session: the server refuses this site, or cannot be reached for now. */
	trouble = $state<'refused' | 'unreachable' | null>(null);
	email = $state<string | null>(null);

	readonly #deps: ChatDeps;
	readonly #outbox;
	readonly #live;
	#hostOrigin = '';
	#page: PageFacts = { url: '', title: '' };
	#opening: Promise<void> | null = null;
	#token: string | null;
	/** Newest message that was on show while the widget was open. */
	#seen: { conversationId: string; seq: number } | null;
	#renewal: ReturnType<typeof setTimeout> | undefined;

	constructor(deps: ChatDeps) {
		this.#deps = deps;
		const { memory } = deps;
		this.#token = memory.get<string>('token');
		this.#seen = memory.get<{ conversationId: string; seq: number }>('seen');
		this.email = memory.get<string>('email');
		this.#outbox = createOutbox({
			memory,
			send: (item) => this.#send(item),
			changed: (items) => {
				this.unsent = items;
			}
		});
		this.unsent = this.#outbox.items();
		this.#live = createLive({
			stream: (signal, alive) => this.#follow(signal, alive),
			ask: () => this.#refresh(),
			setConnected: (isConnected) => {
				if (isConnected && !this.isConnected) this.#outbox.wake();
				this.isConnected = isConnected;
			}
		});
	}

	/** The page has said where it is from. A visitor who was here before is looked after at once. */
	meet(hostOrigin: string, page: PageFacts): void {
		this.#hostOrigin = hostOrigin;
		this.#page = page;
		if (this.#token) this.#open().catch(ignore);
	}

	show(page: PageFacts): void {
		this.#page = page;
		this.isOpen = true;
		this.#open().catch(ignore);
		this.attend();
	}

	hide(): void {
		this.isOpen = false;
		this.attend();
	}

	/** Fits the connection to what is looked at: for when the frame opens, closes, hides or returns. */
	attend(): void {
		this.#live.setMode(this.session ? (this.#isWatched() ? 'stream' : 'ask') : 'rest');
		this.#noteRead();
	}

	/** The network is back. */
	resume(): void {
		this.#live.wake();
		this.#outbox.wake();
	}

	say(body: string): void {
		this.#queue('message', body);
	}

	askForPerson(): void {
		this.#queue('escalate', '');
	}

	retry(id: string): void {
		this.#outbox.retry(id);
	}

	/** Throws Refused where the address was not taken. */
	async leaveEmail(email: string): Promise<void> {
		await this.#open();
		await act(this.#token ?? '', 'email', { email });
		this.email = email;
		this.#deps.memory.set('email', email);
	}

	#isWatched(): boolean {
		return this.isOpen && document.visibilityState === 'visible';
	}

	#queue(kind: Unsent['kind'], body: string): void {
		const { memory, tell } = this.#deps;
		// Kept before it is sent, so that another tab, or this one after a reload, starts no second chat.
		const conversationId = this.conversation?.id ?? memory.get<string>('conversation') ?? newId();
		memory.set('conversation', conversationId);
		tell({ bellhop: 'talking' });
		this.#outbox.add({ id: newId(), conversationId, kind, body });
	}

	async #send({ id, conversationId, kind, body }: Unsent): Promise<Attempt> {
		try {
			await this.#open();
			const token = this.#token ?? '';
			if (kind === 'message') await act(token, 'messages', { conversationId, id, body });
			else await act(token, 'escalate', { conversationId, id });
			// Only what the thread shows is taken off the list, so nothing vanishes in between.
			await this.#refresh();
			return { result: 'sent' };
		} catch (error) {
			if (error instanceof Refused && error.status === 401) this.#forget();
			else if (error instanceof Refused && error.retryAfterMs === null)
				return { result: 'refused', reason: error.message };
			const waitMs = error instanceof Refused ? error.retryAfterMs : null;
			return { result: 'later', retryAfterMs: waitMs ?? 0 };
		}
	}

	/** The server does not know the token any more: the next request makes a new visitor. */
	#forget(): void {
		this.#token = null;
		this.session = null;
		this.#deps.memory.set('token', null);
		this.attend();
	}

	/** Opens the session once, however many ask for it. Throws Refused. */
	async #open(): Promise<void> {
		if (this.session || !this.#hostOrigin) return;
		this.#opening ??= this.#begin().finally(() => {
			this.#opening = null;
		});
		await this.#opening;
	}

	async #begin(): Promise<void> {
		const { botId, memory } = this.#deps;
		try {
			const session = await openSession({
				botId,
				...(this.#token ? { token: this.#token } : {}),
				hostOrigin: this.#hostOrigin,
				page: this.#page
			});
			this.#token = session.token;
			memory.set('token', session.token);
			this.trouble = null;
			this.session = session;
			this.#apply(session.state);
			this.attend();
			this.#outbox.wake();
		} catch (error) {
			const isFinal = error instanceof Refused && error.retryAfterMs === null;
			this.trouble = isFinal ? 'refused' : 'unreachable';
			if (!isFinal) setTimeout(() => this.#open().catch(ignore), RETRY_MS);
			throw error;
		}
	}

	#newestSeq(): number {
		return this.messages.at(-1)?.seq ?? 0;
	}

	async #refresh(): Promise<void> {
		await this.#guarded(async (token) => {
			this.#apply(await readState(token, this.#newestSeq()));
		});
	}

	async #follow(signal: AbortSignal, alive: () => void): Promise<void> {
		await this.#guarded(async (token) => {
			const body = await openStream(token, this.#newestSeq(), signal);
			for await (const { event, data } of serverEvents(body, alive))
				if (event === 'state') this.#apply(WidgetState.parse(JSON.parse(data)));
		});
	}

	async #guarded(work: (token: string) => Promise<void>): Promise<void> {
		if (!this.#token) return;
		try {
			await work(this.#token);
		} catch (error) {
			if (error instanceof Refused && error.status === 401) {
				this.#forget();
				await this.#open();
			} else throw error;
		}
	}

	/** Takes over what the server says; answers may overtake one another and overlap. */
	#apply({ conversation, messages, availability }: WidgetState): void {
		const isOther = conversation?.id !== this.conversation?.id;
		const known = new Map((isOther ? [] : this.messages).map((message) => [message.id, message]));
		for (const message of messages) known.set(message.id, message);
		this.messages = [...known.values()].sort((a, b) => a.seq - b.seq);
		if (isOther || (conversation?.seq ?? 0) >= (this.conversation?.seq ?? 0))
			this.conversation = conversation;
		this.#learn(availability);
		if (conversation) this.#deps.memory.set('conversation', conversation.id);
		this.#noteRead();
	}

	/** Believes an answer until it runs out; while somebody looks, a new one is fetched before that. */
	#learn(availability: Availability): void {
		const freshness = freshFor(availability.validForMs);
		this.known = { availability, freshness };
		this.isFresh = freshness.isFresh();
		clearTimeout(this.#renewal);
		const renew = () => {
			if (this.#isWatched()) this.#refresh().catch(ignore);
			this.#renewal = setTimeout(() => {
				this.isFresh = freshness.isFresh();
			}, freshness.leftMs() + 10);
		};
		this.#renewal = setTimeout(renew, freshness.leftMs() * 0.8);
	}

	/** Tells the server what has been read, or the page how much has not. */
	#noteRead(): void {
		const { memory, tell } = this.#deps;
		const conversationId = this.conversation?.id;
		if (!conversationId) return;
		const seq = this.#newestSeq();
		const seen = this.#seen?.conversationId === conversationId ? this.#seen.seq : 0;
		if (this.#isWatched() && seq > seen) {
			this.#seen = { conversationId, seq };
			memory.set('seen', this.#seen);
			if (this.#token) act(this.#token, 'read', this.#seen).catch(ignore);
		}
		const isNews = (message: PublicMessage) =>
			message.kind === 'text' && message.authorKind !== 'visitor' && message.seq > seen;
		tell({ bellhop: 'unread', count: this.isOpen ? 0 : this.messages.filter(isNews).length });
	}
}
