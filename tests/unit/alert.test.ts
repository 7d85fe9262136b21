import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '#contract/entities.ts';
import { mentioned } from '#contract/mentioned.ts';
import { alertsOf } from '../../src/lib/push/alert.ts';

const NOW = 1_000_000;
const me = { userId: 'ana', name: 'Ana Duarte' };
const conversation = (given: Partial<Conversation> = {}): Conversation => ({
	id: 'c',
	botId: 'b',
	state: 'unresolved',
	assigneeId: null,
	seq: 5,
	visitor: {
		...{ id: 'v', name: 'Mia', email: null, isVerified: false },
		...{ browser: null, pageUrl: null, pageTitle: null }
	},
	createdAt: 0,
	lastMessageAt: NOW,
	escalatedAt: null,
	answeredAt: null,
	rungAt: null,
	escalation: null,
	preview: null,
	visitorReadSeq: 0,
	...given
});
const message = (given: Partial<Message> = {}): Message => ({
	...{ id: 'm', conversationId: 'c', seq: 5, kind: 'text', authorKind: 'visitor', authorId: 'v' },
	...{ body: 'Hello', event: null, createdAt: NOW - 1000 },
	...given
});
const event = (
	type: 'escalated' | 'assigned' | 'transferred' | 'unassigned',
	agentId: string | null = null
) => {
	const nobody = {
		byKind: 'agent',
		byId: 'ben',
		fromId: null,
		reason: null,
		summary: null
	} as const;
	return message({
		kind: 'event',
		authorKind: 'agent',
		authorId: 'ben',
		event: { ...nobody, type, agentId }
	});
};
const told = (c: Partial<Conversation>, ...messages: Message[]) =>
	alertsOf({ teamId: 't', serverNow: NOW, conversations: [conversation(c)], messages }, me).map(
		(alert) => alert.event
	);

describe('a page of changes tells', () => {
	it.each<[string, string[], Partial<Conversation>, Message[]]>([
		['a new escalation', ['escalation'], { state: 'pending' }, [message(), event('escalated')]],
		[
			'an escalation whose own message comes later than what led to it',
			['escalation'],
			{ state: 'pending', escalatedAt: NOW - 900 },
			[message()]
		],
		[
			'a message in a chat that waits already',
			['message_unassigned'],
			{ state: 'pending', escalatedAt: NOW - 1100 },
			[message()]
		],
		[
			'an escalation that somebody has',
			['message_unassigned'],
			{},
			[message(), event('escalated')]
		],
		['a message in my chat', ['message_mine'], { assigneeId: 'ana' }, [message()]],
		['a message in nobody’s chat', ['message_unassigned'], {}, [message()]],
		['nothing of a colleague’s chat', [], { assigneeId: 'ben' }, [message()]],
		['nothing of the bot’s chat', [], { state: 'bot' }, [message()]],
		['a chat given to me', ['assigned'], { assigneeId: 'ana' }, [event('assigned', 'ana')]],
		['a chat given back unanswered', ['unanswered'], { state: 'pending' }, [event('unassigned')]],
		['that everyone is rung again', ['unanswered'], { state: 'pending', rungAt: NOW - 1000 }, []],
		['nothing of a ring long ago', [], { state: 'pending', rungAt: NOW - 31_000 }, []],
		[
			'nothing of the ring that I have set off',
			[],
			{ state: 'pending', rungAt: NOW - 1000 },
			[message({ kind: 'note', authorKind: 'agent', authorId: 'ana' })]
		],
		['nothing of one given back answered', [], {}, [event('unassigned')]],
		['nothing of one given to another', [], { assigneeId: 'ben' }, [event('transferred', 'ben')]],
		['nothing I wrote', [], {}, [message({ authorKind: 'agent', authorId: 'ana' })]],
		['nothing old', [], {}, [message({ createdAt: NOW - 31_000 })]],
		[
			'a mention in a colleague’s chat',
			['mention'],
			{ assigneeId: 'ben' },
			[message({ kind: 'note', authorKind: 'agent', authorId: 'ben', body: 'Ask @Ana, please' })]
		]
	])('%s', (_, expected, given, messages) => {
		expect(told(given, ...messages)).toEqual(expected);
	});

	it('one alert a conversation, with all up to its newest message', () => {
		const alerts = alertsOf(
			{
				...{ teamId: 't', serverNow: NOW, conversations: [conversation()] },
				messages: [message({ seq: 4, body: 'One' }), message({ id: 'n', body: 'Two' })]
			},
			me
		);
		expect(alerts).toMatchObject([{ botId: 'b', seq: 5, title: 'Mia', body: 'Two' }]);
	});
});

describe('a note', () => {
	const team = [
		{ userId: 'ana', name: 'Ana Duarte' },
		{ userId: 'ben', name: 'Ben Okafor' },
		{ userId: 'other', name: 'Ben Smith' }
	];
	it.each<[string, string[]]>([
		['@ana can you look?', ['ana']],
		['@Ana Duarte and @BEN SMITH', ['ana', 'other']],
		['@Ben who of them?', []],
		['@Anabel and ana and mail@anadomain', []],
		['', []]
	])('that says "%s" mentions %j', (body, expected) => {
		expect(mentioned(body, team)).toEqual(expected);
	});
});
