import { describe, expect, it } from 'vitest';
import type { Privacy } from '#contract/notifications.ts';
import type { Alert } from '../../src/lib/push/alert.ts';
import { browserNoticeOf } from '../../src/lib/push/browser-notice.ts';

const alert = (event: Alert['event']): Alert => ({
	...{ event, teamId: 't', conversationId: 'c', botId: 'b', seq: 5, ring: null },
	...{ title: 'Mia', body: 'Hello' }
});

const ana = { privacy: 'full', userId: 'ana', canClaim: true } as const;

describe('a browser notification', () => {
	it.each<[Privacy, string, string]>([
		['full', 'Mia', 'Hello'],
		['name', 'Mia', ''],
		['nothing', 'New chat', '']
	])('shows no more than "%s"', (privacy, title, body) => {
		expect(browserNoticeOf(alert('message_mine'), { ...ana, privacy })).toMatchObject({
			title,
			options: { body }
		});
	});

	it.each<[Alert['event'], string]>([
		['escalation', 'escalation'],
		['message_mine', 'message'],
		['message_unassigned', 'message'],
		['mention', 'mention']
	])('of the event %s says what it tells as a push does', (event, kind) => {
		expect(browserNoticeOf(alert(event), ana).options).toMatchObject({
			tag: 'c-c',
			data: { kind, botId: 'b', seq: 5, path: '/chats/c?team=t' }
		});
	});

	it.each<[Alert['event'], boolean, string[]]>([
		['escalation', true, ['Claim']],
		['unanswered', true, ['Claim']],
		['escalation', false, []],
		['message_unassigned', true, []]
	])('of the event %s for somebody who may claim (%s) offers %j', (event, canClaim, expected) => {
		const { options } = browserNoticeOf(alert(event), { ...ana, canClaim });
		expect(options.actions.map(({ title }) => title)).toEqual(expected);
	});
});
