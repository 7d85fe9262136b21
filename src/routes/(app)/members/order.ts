import type { Role } from '#contract/entities.ts';
import type { MemberRow } from '#contract/members.ts';

export type Column = 'name' | 'role' | 'joined' | 'presence' | 'ring';
export interface Order {
	by: Column;
	isDown: boolean;
}

const RANK: readonly Role[] = ['owner', 'admin', 'editor', 'custom', 'agent', 'viewer'];
const PRESENCE = ['online', 'checking', 'offline'];
const REACH: readonly MemberRow['reach'][] = ['reachable', 'unproved', 'no'];

const COMPARE: Record<Column, (a: MemberRow, b: MemberRow) => number> = {
	name: (a, b) => a.name.localeCompare(b.name),
	role: (a, b) => RANK.indexOf(a.role) - RANK.indexOf(b.role),
	joined: (a, b) => a.joinedAt - b.joinedAt,
	presence: (a, b) => PRESENCE.indexOf(a.presence.status) - PRESENCE.indexOf(b.presence.status),
	ring: (a, b) => REACH.indexOf(a.reach) - REACH.indexOf(b.reach)
};

/** Who has all the words of a search in the name or the address, in an order that ends with the name. */
export function found(rows: readonly MemberRow[], search: string, { by, isDown }: Order) {
	const words = search.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = ({ name, email }: MemberRow) =>
		words.every((word) => `${name} ${email}`.toLowerCase().includes(word));
	const sign = isDown ? -1 : 1;
	return rows.filter(fits).toSorted((a, b) => sign * COMPARE[by](a, b) || COMPARE.name(a, b));
}
