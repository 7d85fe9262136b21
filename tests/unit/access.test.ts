import { expect, test } from 'vitest';
import type { Permission } from '#contract/entities.ts';
import { DomainError } from '../../api/domain/errors.ts';
import {
	canSeeBot,
	type MemberAccess,
	permissionsOf,
	requirePermission
} from '../../api/domain/team/access.ts';
import type { RoleName } from '../../api/store/member.ts';

const ALL: Permission[] = [
	'chat.handle',
	'chat.view',
	'chat.delete',
	'bot.manage',
	'member.manage',
	'team.manage',
	'log.view'
];

test.each<[RoleName, Permission[]]>([
	['owner', ALL],
	['admin', ALL],
	['editor', ['bot.manage', 'chat.view']],
	['agent', ['chat.handle', 'chat.view']],
	['viewer', ['chat.view']]
])('an %s may do exactly %j', (role, permissions) => {
	expect([...permissionsOf(role)].sort()).toEqual([...permissions].sort());
});

const access = (more: Partial<MemberAccess>): MemberAccess => ({
	userId: 'u',
	role: 'viewer',
	permissions: permissionsOf('viewer'),
	botIds: 'all',
	...more
});

test('a permission that the role lacks is refused by name', () => {
	expect(() => requirePermission(access({}), 'chat.view')).not.toThrow();
	expect(() => requirePermission(access({}), 'chat.handle')).toThrow(
		expect.objectContaining({ kind: 'forbidden', message: expect.stringContaining('chat.handle') })
	);
	expect(() => requirePermission(access({}), 'chat.handle')).toThrow(DomainError);
});

test('a list of bots is all that the member sees', () => {
	expect(canSeeBot(access({}), 'any')).toBe(true);
	expect(canSeeBot(access({ botIds: ['a'] }), 'a')).toBe(true);
	expect(canSeeBot(access({ botIds: ['a'] }), 'b')).toBe(false);
	expect(canSeeBot(access({ botIds: [] }), 'a')).toBe(false);
});
