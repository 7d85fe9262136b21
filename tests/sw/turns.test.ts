import { expect, test } from 'vitest';
import { closeInTurn, inTurn, type Turns } from '../../src/lib/sw/turns.ts';

/** A browser that says when what it shows stands, and a clock that somebody else moves. */
function desk() {
	const log: string[] = [];
	const stands = new Map<string, () => void>();
	const waits: { ms: number; end: () => void }[] = [];
	const turns: Turns = new Map();
	const pause = (ms: number) => new Promise<void>((end) => waits.push({ ms, end }));
	const show = (tag: string, text: string) =>
		inTurn({ turns, pause }, tag, () => {
			log.push(text);
			return new Promise<void>((resolve) => stands.set(text, resolve));
		});
	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	return {
		log,
		turns,
		show,
		close: (tag: string, text: string) =>
			closeInTurn(turns, { tag, close: () => log.push(`${text} closed`) }),
		async stand(text: string) {
			stands.get(text)?.();
			await settle();
		},
		async pass(ms: number) {
			for (const wait of waits.splice(0)) {
				if (wait.ms <= ms) wait.end();
				else waits.push(wait);
			}
			await settle();
		}
	};
}

test('the first of a tag is shown within the call, and another tag waits for nothing', () => {
	const { show, log } = desk();
	void show('a', 'first');
	void show('b', 'other');
	expect(log).toEqual(['first', 'other']);
});

test('the next of a tag is shown once the one before it stands and has had a moment', async () => {
	const { show, stand, pass, log } = desk();
	void show('a', 'first');
	void show('a', 'second');
	await pass(250);
	expect(log).toEqual(['first']);
	await stand('first');
	await pass(150);
	expect(log).toEqual(['first']);
	await pass(850);
	expect(log).toEqual(['first', 'second']);
});

test('a browser that never says that one stands holds up the next for seconds', async () => {
	const { show, pass, log } = desk();
	void show('a', 'first');
	void show('a', 'second');
	await pass(3_000);
	await pass(850);
	expect(log).toEqual(['first', 'second']);
});

test('nothing is remembered of a tag whose turns are over', async () => {
	const { show, stand, pass, turns } = desk();
	const first = show('a', 'first');
	await stand('first');
	await first;
	await pass(150);
	await pass(850);
	expect(turns.size).toBe(0);
});

test('one that is pressed long after it was shown is closed within the call', () => {
	const { close, log } = desk();
	void close('a', 'first');
	expect(log).toEqual(['first closed']);
});

test('one that is pressed at once stands for as long as the browser takes to see it, and goes before the next', async () => {
	const { show, close, stand, pass, log } = desk();
	void show('a', 'first');
	await stand('first');
	void close('a', 'first');
	void show('a', 'second');
	expect(log).toEqual(['first']);
	await pass(150);
	expect(log).toEqual(['first', 'first closed']);
	await pass(850);
	expect(log).toEqual(['first', 'first closed', 'second']);
});

test('one that is pressed while the next waits is left to be replaced, lest the next be closed for it', async () => {
	const { show, close, stand, pass, log } = desk();
	void show('a', 'first');
	void show('a', 'second');
	await stand('first');
	void close('a', 'first');
	for (const ms of [150, 850]) await pass(ms);
	await stand('second');
	for (const ms of [150, 850]) await pass(ms);
	expect(log).toEqual(['first', 'second']);
});
