import type { Page } from './page.ts';

/** A follower asks this often whether the leader lives, and takes over after this many asks in vain: 5 s. */
const ASK_MS = 1250;
const PATIENCE = 4;

type LeaderMessage<S> = { type: 'ask' } | { type: 'alive'; status: S };

export interface LeadInput<S> {
	page: Page;
	/** Of the lock and of the channel. */
	name: string;
	signal: AbortSignal;
	/** What the leader tells the browser's other pages about itself. */
	status(): S;
	onStatus(status: S): void;
	/** Runs in the one page that leads, until its signal fires. `announce` tells a new status. */
	work(signal: AbortSignal, announce: () => void): Promise<void>;
}

/**
 * Keeps one page of the browser at work: the one that holds the lock. A frozen page keeps its lock and
 * answers nothing, so a visible page that asks in vain steals it. Asks are counted, not timed: a page that
 * has slept itself must not blame the leader. Resolves when the signal has fired.
 */
export async function lead<S>(input: LeadInput<S>): Promise<void> {
	const { page, name, signal } = input;
	const channel = page.broadcast(name);
	const stopHearing = channel.on((raw) => {
		const message = raw as LeaderMessage<S>;
		if (message.type === 'alive') input.onStatus(message.status);
	});
	let steal = false;
	while (!signal.aborted) {
		const reign = new AbortController();
		const silence = new AbortController();
		const unwatch = steal ? () => {} : watch(page, channel, () => silence.abort());
		const how = steal ? { steal } : { signal: AbortSignal.any([signal, silence.signal]) };
		try {
			await page.hold(name, how, async () => {
				unwatch();
				await rule(input, channel, AbortSignal.any([signal, reign.signal]));
			});
		} catch (error) {
			if (!isAbort(error)) throw error;
		} finally {
			unwatch();
			reign.abort();
		}
		steal = silence.signal.aborted;
	}
	stopHearing();
	channel.close();
}

type Channel = ReturnType<Page['broadcast']>;

/** Calls `onSilent` once a visible page has asked in vain. A hidden one has no need to lead. */
function watch(page: Page, channel: Channel, onSilent: () => void): () => void {
	let asked = 0;
	const stopHearing = channel.on((message) => {
		if ((message as LeaderMessage<unknown>).type === 'alive') asked = 0;
	});
	let cancel = () => {};
	const ask = () => {
		if (page.visibility === 'hidden') asked = 0;
		if (asked === PATIENCE) return onSilent();
		asked += 1;
		channel.post({ type: 'ask' });
		cancel = page.after(ASK_MS, ask);
	};
	ask();
	return () => {
		cancel();
		stopHearing();
	};
}

/** Answers the followers while the work runs. */
async function rule<S>(input: LeadInput<S>, channel: Channel, signal: AbortSignal): Promise<void> {
	const announce = () => {
		if (!signal.aborted) channel.post({ type: 'alive', status: input.status() });
	};
	let cancel = () => {};
	const stopHearing = channel.on((message) => {
		if ((message as LeaderMessage<S>).type !== 'ask') return;
		// By a timer, which stands still in a frozen page: Chromium hands it messages, but nothing from the network.
		cancel();
		cancel = input.page.after(10, announce);
	});
	try {
		announce();
		await input.work(signal, announce);
	} finally {
		stopHearing();
		cancel();
	}
}

/** What the platform rejects a lock with when the wait is called off or the lock is stolen. */
export const isAbort = (error: unknown): boolean =>
	error instanceof DOMException && error.name === 'AbortError';
