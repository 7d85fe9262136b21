import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { PushPayload } from '#contract/push.ts';
import {
	compose,
	composeAsk,
	composeTest,
	type Notice,
	PAYLOAD_BYTES,
	TTL_SECONDS
} from '../../api/push/compose.ts';

const CONVERSATION = '0192f000-0000-7000-8000-000000000001';
const notice = (given: Partial<Notice> = {}): Notice => ({
	kind: 'escalation',
	teamId: '0192f000-0000-7000-8000-000000000002',
	conversationId: CONVERSATION,
	deliveryId: '0192f000-0000-7000-8000-000000000003',
	ackToken: 'A'.repeat(43),
	seq: 3,
	event: { seq: 2, at: 1_700_000_000_000, id: '0192f000-0000-7000-8000-000000000005' },
	userId: '0192f000-0000-7000-8000-000000000004',
	privacy: 'full',
	publicOrigin: 'https://chat.example.com',
	visitorName: 'Mia',
	botId: '0192f000-0000-7000-8000-00000000000b',
	botName: 'Shop',
	text: 'Where is my parcel?',
	waitingCount: 1,
	elsewhereCount: 0,
	isWaiting: true,
	isNew: true,
	isGeneric: false,
	...given
});
const KINDS = ['escalation', 'unanswered', 'message', 'assigned', 'mention'] as const;
const shown = (given: Partial<Notice> = {}) =>
	(JSON.parse(compose(notice(given))) as PushPayload).notification;

describe('a push', () => {
	it('is declarative web push that makes sense without any script', () => {
		expect(JSON.parse(compose(notice()))).toEqual({
			web_push: 8030,
			mutable: true,
			app_badge: 1,
			notification: {
				title: 'Mia waits for a person · Shop',
				body: 'Where is my parcel?',
				navigate: `https://chat.example.com/chats/${CONVERSATION}?team=0192f000-0000-7000-8000-000000000002&delivery=0192f000-0000-7000-8000-000000000003`,
				lang: 'en',
				dir: 'auto',
				silent: false,
				mutable: true,
				tag: `c-${CONVERSATION}`,
				app_badge: '1',
				data: {
					kind: 'escalation',
					ackToken: 'A'.repeat(43),
					deliveryId: '0192f000-0000-7000-8000-000000000003',
					teamId: '0192f000-0000-7000-8000-000000000002',
					conversationId: CONVERSATION,
					botId: '0192f000-0000-7000-8000-00000000000b',
					renotify: true,
					seq: 3,
					event: {
						seq: 2,
						at: 1_700_000_000_000,
						id: '0192f000-0000-7000-8000-000000000005'
					},
					userId: '0192f000-0000-7000-8000-000000000004'
				}
			}
		});
	});

	it.each([
		['escalation', 'Mia waits for a person · Shop'],
		['unanswered', 'Mia still waits · Shop'],
		['message', 'Mia'],
		['assigned', 'Mia · given to you'],
		['mention', 'Mia · you were mentioned']
	] as const)('says what an event is: %s', (kind, title) => {
		expect(shown({ kind }).title).toBe(title);
	});

	it.each([
		['full', 'Mia waits for a person · Shop', 'Where is my parcel?'],
		['name', 'Mia waits for a person · Shop', 'A visitor asks for a person.'],
		['nothing', 'New chat', '']
	] as const)('with privacy "%s" shows no more than that', (privacy, title, body) => {
		expect(shown({ privacy })).toMatchObject({ title, body });
		if (privacy === 'nothing') expect(compose(notice({ privacy }))).not.toContain('Mia');
		if (privacy !== 'full') expect(compose(notice({ privacy }))).not.toContain('parcel');
	});

	it('carries the state once more than one chat waits', () => {
		const { title, app_badge } = shown({ waitingCount: 3 });
		expect(title).toBe('3 chats waiting · newest: Mia');
		expect(app_badge).toBe('3');
		expect(shown({ kind: 'message', waitingCount: 2 }).title).toBe('2 chats waiting · newest: Mia');
		expect(shown({ kind: 'message', waitingCount: 2, isWaiting: false }).title).toBe(
			'Mia · 2 chats waiting'
		);
	});

	it.each([
		['assigned', 'Mia · given to you · 3 chats waiting'],
		['mention', 'Mia · you were mentioned · 3 chats waiting']
	] as const)('says first what was done for this person, however many wait: %s', (kind, title) => {
		for (const isWaiting of [true, false])
			expect(shown({ kind, waitingCount: 3, isWaiting }).title).toBe(title);
	});

	it('of a chat that somebody has speaks of its message, and takes the badge away', () => {
		const message = shown({ kind: 'message', waitingCount: 0 });
		expect(message).toMatchObject({
			title: 'Mia',
			body: 'Where is my parcel?',
			app_badge: '0'
		});
	});

	it('says something where nothing is known', () => {
		for (const text of [null, '', ' \n\t '])
			for (const visitorName of [null, '', ' '])
				expect(shown({ text, visitorName })).toMatchObject({
					title: 'Visitor waits for a person · Shop',
					body: 'A visitor asks for a person.'
				});
	});

	it('does not sound again for the same event', () => {
		expect(shown({ isNew: false }).data.renotify).toBe(false);
	});

	it('in its generic form names nobody and quotes nothing', () => {
		const generic = compose(notice({ isGeneric: true }));
		expect(generic).not.toContain('Mia');
		expect(generic).not.toContain('parcel');
		expect(generic).toContain('A chat is waiting');
	});
});

describe('its size', () => {
	const scripts: Record<string, string> = {
		latin: 'a',
		german: 'ß',
		arabic: 'ع',
		devanagari: 'की',
		thai: 'ก',
		chinese: '聊',
		emoji: '👩‍👩‍👧',
		'four-byte emoji': '😀',
		'astral letters': '𒀀',
		quotes: '"\\',
		controls: '\u0001\u001f',
		'lone surrogates': '\ud800'
	};
	it.each(Object.entries(scripts))('holds with the longest names and texts: %s', (_, character) => {
		// 255 characters of a name, as a person counts them.
		const name = [...character.repeat(255)].slice(0, 255).join('');
		for (const kind of KINDS)
			for (const waitingCount of [1, 123_456]) {
				const json = compose(
					notice({
						...{ kind, waitingCount, visitorName: name, botName: name },
						text: character.repeat(8000),
						publicOrigin: `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example.com:8443`
					})
				);
				expect(Buffer.byteLength(json)).toBeLessThanOrEqual(PAYLOAD_BYTES);
				const { title, body } = (JSON.parse(json) as PushPayload).notification;
				expect(title.isWellFormed() && body.isWellFormed()).toBe(true);
			}
	});

	it('is used: a long text fills it, and ends with an ellipsis on a whole character', () => {
		// Whichever half of a pair the limit falls on.
		for (const start of ['', 'a', 'ab', 'abc'])
			expect(shown({ text: start + '😀'.repeat(4000) }).body).toMatch(/^[abc]*(😀)+…$/u);
		expect(Buffer.byteLength(compose(notice({ text: '😀'.repeat(4000) })))).toBeGreaterThan(
			PAYLOAD_BYTES - 5
		);
		expect(shown({ text: 'short' }).body).toBe('short');
	});

	it('holds for any text, which comes back well formed', () => {
		const any = fc.string({ unit: 'binary', maxLength: 3000 });
		fc.assert(
			fc.property(any, any, any, fc.integer({ min: 0, max: 9999 }), (text, name, bot, waiting) => {
				const json = compose(
					notice({ text, visitorName: name, botName: bot, waitingCount: waiting })
				);
				expect(Buffer.byteLength(json)).toBeLessThanOrEqual(PAYLOAD_BYTES);
				const { title, body } = (JSON.parse(json) as PushPayload).notification;
				expect(title.isWellFormed() && body.isWellFormed()).toBe(true);
				expect(title.length > 0 && body.length > 0).toBe(true);
			})
		);
	});

	it.each(Object.entries(scripts))(
		'holds for a question to take over with the longest names: %s',
		(_, character) => {
			const name = [...character.repeat(255)].slice(0, 255).join('');
			for (const privacy of ['full', 'name', 'nothing'] as const)
				for (const colleagueName of [name, null]) {
					const json = composeAsk({
						...{ privacy, colleagueName, teamName: name, until: '23:59', isNew: true },
						teamId: '0192f000-0000-7000-8000-000000000002',
						userId: '0192f000-0000-7000-8000-000000000004',
						deliveryId: '0192f000-0000-7000-8000-000000000003',
						ackToken: 'A'.repeat(43),
						publicOrigin: `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example.com:8443`
					});
					expect(Buffer.byteLength(json)).toBeLessThanOrEqual(PAYLOAD_BYTES);
					const { title, body } = (JSON.parse(json) as PushPayload).notification;
					expect(title.isWellFormed()).toBe(true);
					expect(body).toMatch(/ Go online to take over\. It is until 23:59\.$/);
				}
		}
	);

	it('leads from a test to the doctor, which is told which test it was', () => {
		const json = composeTest({
			deliveryId: 'd',
			ackToken: 'A'.repeat(43),
			publicOrigin: 'http://localhost:3000',
			deviceName: 'Phone'
		});
		const { navigate } = (JSON.parse(json) as PushPayload).notification;
		expect(navigate).toBe('http://localhost:3000/doctor?test=d');
	});

	it('holds for a test with the longest device name', () => {
		const json = composeTest({
			deliveryId: 'd',
			ackToken: 'A'.repeat(43),
			publicOrigin: 'http://localhost:3000',
			deviceName: '聊'.repeat(1200)
		});
		expect(Buffer.byteLength(json)).toBeLessThanOrEqual(PAYLOAD_BYTES);
	});
});

test('a ring is kept for a quarter of an hour, what is somebody’s own for four', () => {
	expect(TTL_SECONDS).toEqual({
		...{ escalation: 900, unanswered: 900 },
		...{ message: 14_400, assigned: 14_400, mention: 14_400 }
	});
});
