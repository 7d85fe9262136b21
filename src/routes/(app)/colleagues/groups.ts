import type { Member } from '#contract/entities.ts';
import { canHandle } from '$lib/components/role.ts';
import type { Reached } from '$lib/state/colleagues.svelte.ts';

export type GroupKind = 'online' | 'checking' | 'reachable' | 'offline';
export const GROUP_WORDS: Record<GroupKind, string> = {
	online: 'Online',
	checking: 'Checking',
	reachable: 'Offline, reachable',
	offline: 'Offline'
};
const ORDER: readonly GroupKind[] = ['online', 'checking', 'reachable', 'offline'];

export interface Colleague {
	member: Member;
	/** Undefined where the server has not said yet. */
	reached: Reached | undefined;
}

export interface Group {
	kind: GroupKind;
	people: Colleague[];
}

const kindOf = ({ member, reached }: Colleague): GroupKind => {
	const { status } = member.presence;
	return status === 'offline' && reached?.reach === 'reachable' ? 'reachable' : status;
};

/** The agents among a team's members: who is there first, then who can be rung, then the rest; by name. */
export function grouped(
	members: readonly Member[],
	reachOf: (userId: string) => Reached | undefined
): Group[] {
	const agents = members
		.map((member) => ({ member, reached: reachOf(member.userId) }))
		.filter(({ member, reached }) => reached?.isAgent ?? canHandle(member.role))
		.toSorted((a, b) => a.member.name.localeCompare(b.member.name));
	const kinds = Map.groupBy(agents, kindOf);
	return ORDER.flatMap((kind) => {
		const people = kinds.get(kind);
		return people ? [{ kind, people }] : [];
	});
}

/** "2 of 5 are online. 1 more can be rung." */
export function summary(groups: readonly Group[]): string {
	const count = (kind: GroupKind) =>
		groups.find((group) => group.kind === kind)?.people.length ?? 0;
	const all = groups.reduce((sum, { people }) => sum + people.length, 0);
	const online = count('online');
	const there =
		online === 0
			? 'Nobody is online.'
			: `${online} of ${all} ${online === 1 ? 'is' : 'are'} online.`;
	const more = count('reachable');
	return more === 0 ? there : `${there} ${more}${online > 0 ? ' more' : ''} can be rung.`;
}
