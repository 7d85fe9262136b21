import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { openOutbox } from '../../src/lib/db/schema.ts';
import { drainSnoozes, keepSnooze } from '../../src/lib/db/worker.ts';
import { type ActDeps, act } from '../../src/lib/sw/act.ts';
import { type SnoozeDeps, sendSnoozes, snooze } from '../../src/lib/sw/snooze.ts';
import { untilSent } from '../../src/lib/sw/until-sent.ts';

const TOKEN = 'A'.repeat(43);

/** A browser that does (not) wake its worker when there is a connection; notes what it is asked. */
const browser = (log: string[], isWaking = true): Pick<ActDeps, 'untilSent'> => ({
	untilSent: (send) =>
		untilSent(send, {
			async askForSync() {
				log.push('sync');
				return isWaking;
			},
			wait: async (ms) => void log.push(`wait ${ms / 1000} s`)
		})
});

function given(isOnline: boolean, device: string | null = newId()) {
	const log: string[] = [];
	const data = {
		path: '/chats',
		userId: newId(),
		teamId: newId(),
		conversationId: newId(),
		seq: 7
	};
	const deps: ActDeps = {
		identity: async () => (device ? { deviceId: device, userId: data.userId } : null),
		async flush() {
			log.push('flush');
			if (!isOnline) throw new TypeError('offline');
		},
		...browser(log),
		now: () => 1000
	};
	const rows = async () => {
		const outbox = openOutbox(data.userId);
		const all = await outbox.rows.toArray();
		outbox.close();
		return all;
	};
	return { deps, data, log, rows, device };
}

test('a reply from a notification goes into the person’s outbox, answering what was shown', async () => {
	const { deps, data, log, rows, device } = given(true);
	await act(data, { name: 'reply', body: 'On my way' }, deps);
	expect(await rows()).toMatchObject([
		{
			deviceId: device,
			teamId: data.teamId,
			state: 'queued',
			call: { name: 'reply', args: { body: 'On my way', baseSeq: 7 } }
		}
	]);
	expect(log).toEqual(['flush']);
});

test('without a connection it stays there, and the browser is asked to wake the worker', async () => {
	const { deps, data, log, rows } = given(false);
	await act(data, { name: 'claim' }, deps);
	expect((await rows()).map(({ call }) => call.name)).toEqual(['claim']);
	expect(log).toEqual(['flush', 'sync']);
});

test('nothing is done for somebody who has signed out of this browser', async () => {
	const { deps, data, log, rows } = given(true, null);
	await act(data, { name: 'reply', body: 'Hello' }, deps);
	expect(await rows()).toEqual([]);
	expect(log).toEqual([]);
});

test('nothing is done in a browser where somebody else has signed in since', async () => {
	const { deps, data, log, rows } = given(true);
	deps.identity = async () => ({ deviceId: newId(), userId: newId() });
	await act(data, { name: 'claim' }, deps);
	expect(await rows()).toEqual([]);
	expect(log).toEqual([]);
});

/** A server that answers these, and the clock. */
function server(statuses: (number | 'offline')[], isWaking = true) {
	const sent: { token: string; id: string; waitedMs: number }[] = [];
	const asked: string[] = [];
	const clock = { now: 1000 };
	const deps: SnoozeDeps = {
		async fetch(_, init) {
			sent.push(JSON.parse(String(init.body)));
			const status = statuses.shift() ?? 200;
			if (status === 'offline') throw new TypeError('offline');
			return new Response('{}', { status });
		},
		keep: keepSnooze,
		drain: drainSnoozes,
		...browser(asked, isWaking),
		now: () => clock.now
	};
	return { deps, sent, asked, clock };
}

test('a snooze without a connection is sent later, once, counted from the press', async () => {
	const { deps, sent, asked, clock } = server(['offline', 503, 200]);
	await snooze(TOKEN, deps);
	expect(asked).toEqual(['sync']);
	clock.now += 60_000;
	await sendSnoozes(deps);
	await sendSnoozes(deps);
	await sendSnoozes(deps);
	expect(sent.map(({ waitedMs }) => waitedMs)).toEqual([0, 60_000, 60_000]);
	expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
});

test('a snooze in a browser that does not say when there is a connection is tried again for a while', async () => {
	const { deps, sent, asked } = server(['offline', 'offline', 'offline', 200], false);
	await snooze(TOKEN, deps);
	expect(sent).toHaveLength(4);
	expect(asked).toEqual(['sync', 'wait 1 s', 'wait 2 s', 'wait 4 s']);
});

test('what cannot be sent for four minutes waits for the next push or open', async () => {
	const { deps, data, log, rows } = given(false);
	await act(data, { name: 'claim' }, { ...deps, ...browser(log, false) });
	const seconds = log.map((line) => Number(/wait (\d+) s/.exec(line)?.[1] ?? 0));
	expect(seconds.reduce((a, b) => a + b)).toBe(240);
	expect(await rows()).toMatchObject([{ state: 'queued' }]);
});

test('a snooze that the server will never take is forgotten', async () => {
	const { deps, sent, asked } = server([404]);
	await snooze(TOKEN, deps);
	await sendSnoozes(deps);
	expect(sent).toHaveLength(1);
	expect(asked).toEqual([]);
});
