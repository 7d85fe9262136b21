import { describe, expect, test } from 'vitest';
import type { Availability, PublicAgent, PublicMessage } from '#contract/widget.ts';
import { eventLine } from '../../src/widget/frame/event-line.ts';
import { statusLine } from '../../src/widget/frame/status.ts';
import { frameWords } from '../../src/widget/words.ts';

const words = frameWords(['en']);
const person = (id: string, name: string): PublicAgent => ({ id, name, avatar: null });
const ana = person('a', 'Ana Duarte');
const ben = person('b', 'Ben Okafor');
const mira = person('m', 'Mira Kovač');
const brand: PublicAgent = { id: null, name: 'Tideline Kayaks', avatar: null };

const answer = (given: Partial<Availability>): Availability => ({
	status: 'online',
	agents: [],
	lastActiveAgoMs: null,
	usualReplyMs: null,
	validForMs: 60_000,
	...given
});
const line = (
	given: Partial<Availability>,
	more: { elapsedMs?: number; isFresh?: boolean; agent?: PublicAgent } = {}
) =>
	statusLine(
		{ availability: answer(given), elapsedMs: 0, isFresh: true, agent: null, ...more },
		words
	);

describe('who is there', () => {
	test.each([
		[[ana], 'Ana online'],
		[[ana, ben], 'Ana and Ben online'],
		[[ana, ben, mira], 'Ana, Ben and Mira online'],
		[[brand], 'Online'],
		[[], 'Online']
	])('is told by first names, or by the brand', (agents, text) => {
		expect(line({ agents })).toEqual({ isOnline: true, text });
	});

	test('is not claimed once the answer has run out', () => {
		expect(line({ agents: [ana] }, { isFresh: false })).toBeNull();
	});

	test.each(['none', 'checking'] as const)('is not told while the server says %s', (status) => {
		expect(line({ status, agents: [ana], lastActiveAgoMs: 1000 })).toBeNull();
	});

	test.each([
		[20 * 60_000, 'Last active 20 min ago'],
		[59_999, 'Active just now'],
		[3 * 3_600_000, 'Last active 3 h ago'],
		[24 * 3_600_000, 'Last active 1 day ago'],
		[72 * 3_600_000, 'Last active 3 days ago']
	])('is, of nobody, when somebody last was', (lastActiveAgoMs, text) => {
		expect(line({ status: 'offline', lastActiveAgoMs })).toEqual({ isOnline: false, text });
	});

	test('ages with the answer, and is left out where it is not known', () => {
		const offline = { status: 'offline', lastActiveAgoMs: 60_000 } as const;
		expect(line(offline, { elapsedMs: 60_000 })?.text).toBe('Last active 2 min ago');
		expect(line({ status: 'offline' })).toBeNull();
	});
});

describe('the agent who has joined', () => {
	test('is online only while among those who are', () => {
		expect(line({ agents: [ben, ana] }, { agent: ana })).toEqual({
			isOnline: true,
			text: 'Online'
		});
		expect(line({ agents: [ben] }, { agent: ana })).toBeNull();
	});
});

describe('a line in the thread', () => {
	const event = (name: PublicMessage['event'], author: PublicAgent | null): PublicMessage => ({
		id: 'x',
		seq: 1,
		kind: 'event',
		authorKind: 'agent',
		author,
		body: '',
		event: name,
		createdAt: 0
	});

	test.each([
		['joined', ana, 'Ana joined'],
		['joined', brand, 'Tideline Kayaks joined'],
		['transferred', ben, 'Ben took over'],
		['resolved', ana, 'Ana closed this chat. Write again to reopen it.'],
		['resolved', null, 'This chat was closed. Write again to reopen it.'],
		['escalated', null, null]
	] as const)('says of %s what the visitor needs to know', (name, author, text) => {
		expect(eventLine(event(name, author), words)).toBe(text);
	});
});
