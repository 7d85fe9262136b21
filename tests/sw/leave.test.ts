import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { LeaveRequest } from '#contract/presence.ts';
import { emptyBeatMemory } from '../../src/lib/sw/beat.ts';
import { onLeave } from '../../src/lib/sw/leave.ts';

const farewell: LeaveRequest = { deviceId: newId(), pageId: newId() };

/** What a worker sends on a message, and keeps itself awake for. */
async function heard(data: unknown, answer = async () => {}) {
	const sent: LeaveRequest[] = [];
	const works: Promise<unknown>[] = [];
	const leave = (said: LeaveRequest) => {
		sent.push(said);
		return answer();
	};
	const memory = emptyBeatMemory();
	onLeave({ data, waitUntil: (work) => works.push(work) }, { leave, memory });
	await Promise.all(works);
	return { sent, works: works.length };
}

test('a page’s farewell is said again by the worker, which stays for it', async () => {
	expect(await heard({ type: 'leave', ...farewell })).toEqual({ sent: [farewell], works: 1 });
});

test('a farewell that does not get through is no error', async () => {
	const offline = () => Promise.reject(new TypeError('Failed to fetch'));
	expect((await heard({ type: 'leave', ...farewell }, offline)).sent).toEqual([farewell]);
});

test.each([null, 'leave', { type: 'beat' }, {}])('%j is no farewell', async (data) => {
	expect(await heard(data)).toEqual({ sent: [], works: 0 });
});
