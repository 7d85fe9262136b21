import type { Bot, Member } from '#contract/entities.ts';
import type { Cache, OfTeam } from './schema.ts';

/** A team's members by name. */
export const membersOf = (cache: Cache, teamId: string): Promise<OfTeam<Member>[]> =>
	cache.members.where('teamId').equals(teamId).sortBy('name');

/** The bots a person may see in a team, by name. */
export const botsOf = (cache: Cache, teamId: string): Promise<OfTeam<Bot>[]> =>
	cache.bots.where('teamId').equals(teamId).sortBy('name');
