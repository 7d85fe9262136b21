import { expect, test } from 'vitest';
import type { AuditEntry } from '#contract/audit.ts';
import { detailsOf } from '../../src/routes/(app)/log/details.ts';

const bots = [{ id: 'b1', name: 'Shop helper' }];
const said = (action: AuditEntry['action'], details: AuditEntry['details']) =>
	detailsOf({ action, details } as AuditEntry, bots);

test('a changed role reads as the product names roles, and bots by their names', () => {
	const grant = { role: 'agent', roleId: null, botIds: null };
	expect(said('invitation.sent', grant)).toBe('Role: Chat Agent · All bots');
	const less = { ...grant, role: 'editor', botIds: ['b1'], from: 'agent' };
	expect(said('member.changed', less)).toBe('Role: Editor · Shop helper · From: Chat Agent');
	expect(said('member.changed', { botIds: ['gone'] })).toBe('1 bot');
});

test('a person who is called like a role keeps the name', () => {
	expect(said('member.renamed', { from: 'agent', to: 'Ann' })).toBe('From: agent · To: Ann');
});

test('settings read as words, never as the code that holds them', () => {
	expect(
		said('bot.changed', {
			humanOnly: true,
			allowedOrigins: ['https://shop.example', 'https://a.example'],
			quickQuestions: [{ question: 'Open?', answer: 'Yes.' }],
			greeting: ''
		})
	).toBe(
		'Human only: on · Allowed origins: https://shop.example, https://a.example · Quick questions: 1 · Greeting: none'
	);
	expect(said('team.changed', { avatar: 'f00d' })).toBe('Picture: a new one');
	expect(said('leases.changed', { leases: { visibleS: 75, hiddenS: 200 } })).toBe(
		'Leases: visible (s) 75, hidden (s) 200'
	);
	expect(said('leases.changed', { leases: null })).toBe('Leases: none');
});
