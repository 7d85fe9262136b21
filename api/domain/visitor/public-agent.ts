import type { PublicAgent } from '#contract/widget.ts';
import type { TeamRow } from '../../store/team.ts';
import { fullName } from '../team/name.ts';

export interface Face {
	userId: string;
	firstName: string;
	lastName: string;
	avatar: string | null;
}

type Brand = Pick<TeamRow, 'brandName' | 'brandAvatar' | 'showAgentsAs'>;

/** What visitors read where no person is named. */
export const brandLabel = ({ brandName }: Pick<TeamRow, 'brandName'>): string =>
	brandName?.trim() || 'Support';

/** The team in an agent's place: nothing of the agent is in it. */
export const brandAgent = (team: Pick<TeamRow, 'brandName' | 'brandAvatar'>): PublicAgent => ({
	id: null,
	name: brandLabel(team),
	avatar: team.brandAvatar
});

/** An agent as visitors see one: by the profile's name, never by the email address, or as the team. */
export function publicAgent(team: Brand, { userId, avatar, ...names }: Face): PublicAgent {
	if (team.showAgentsAs === 'team') return brandAgent(team);
	return { id: userId, name: fullName(names) || brandLabel(team), avatar };
}
