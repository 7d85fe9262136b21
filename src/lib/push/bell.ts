import type { NotificationEventName } from '#contract/notifications.ts';
import type { Page } from '../sync/page.ts';
import { type Alert, alertKey } from './alert.ts';
import { alone } from './alone.ts';

export interface BellDeps {
	page: Page;
	/** Resolves with whether the browser let it sound. */
	play(event: NotificationEventName): Promise<boolean>;
	/** Whether the visitor of this conversation still waits for a person. */
	isWaiting(conversationId: string): Promise<boolean>;
	/** Whether the person wants the bell of a visitor who waits to come again. */
	isRepeated(): boolean;
	onSounded(hasSounded: boolean): void;
}

const NAME = 'bellhop-bell';
const REPEAT_MS = 8_000;
/** So long the lock is kept after a sound: until every other page has heard of it. */
const SETTLE_MS = 100;

/**
 * The sounds of this page. Of several pages that are in sight one sounds for the same news, and for a visitor who
 * waits again every 8 s until somebody has the chat, where the person wants that.
 */
export class Bell {
	readonly #deps: BellDeps;
	readonly #channel: ReturnType<Page['broadcast']>;
	readonly #sounded = new Set<unknown>();
	/** Conversations whose bell comes again. */
	readonly #waiting = new Set<string>();
	#cancel: (() => void) | null = null;

	constructor(deps: BellDeps) {
		this.#deps = deps;
		this.#channel = deps.page.broadcast(NAME);
		this.#channel.on((key) => this.#sounded.add(key));
	}

	async ring(alert: Alert): Promise<void> {
		const key = alertKey(alert);
		await alone(this.#deps.page, NAME, async () => {
			if (this.#sounded.has(key)) return;
			const hasSounded = await this.#sound(alert.event);
			if (alert.event === 'escalation') this.#repeat(alert.conversationId);
			if (hasSounded) await this.#tell(key);
		});
	}

	stop(): void {
		this.#cancel?.();
		this.#waiting.clear();
		this.#channel.close();
	}

	async #sound(event: NotificationEventName): Promise<boolean> {
		const hasSounded = await this.#deps.play(event);
		this.#deps.onSounded(hasSounded);
		return hasSounded;
	}

	#tell(key: string): Promise<void> {
		this.#sounded.add(key);
		this.#channel.post(key);
		return new Promise((resolve) => {
			this.#deps.page.after(SETTLE_MS, resolve);
		});
	}

	#repeat(conversationId: string): void {
		this.#waiting.add(conversationId);
		this.#cancel ??= this.#deps.page.after(REPEAT_MS, () => void this.#again());
	}

	async #again(): Promise<void> {
		this.#cancel = null;
		const { isWaiting, isRepeated } = this.#deps;
		// Asked only now: right after the page was opened it was not known yet.
		if (!isRepeated()) this.#waiting.clear();
		for (const id of this.#waiting) if (!(await isWaiting(id))) this.#waiting.delete(id);
		const [next] = this.#waiting;
		if (next === undefined) return;
		await this.#sound('escalation');
		this.#repeat(next);
	}
}
