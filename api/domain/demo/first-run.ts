import { botsOfTeam } from '../../store/bot.ts';
import { isEmptyInstall } from '../../store/install.ts';
import { teamsOfUser } from '../../store/team.ts';
import { findCredentials } from '../../store/user.ts';
import { createOwnerToken } from '../account/owner-link.ts';
import type { Ctx } from '../context.ts';
import { DEMO_OWNER, seedDemo } from './seed.ts';

export interface FirstRun {
	/** The demo team is only for a newcomer's own machine. */
	isDemoAllowed: boolean;
	publicOrigin: string;
	demoOrigin: string;
	/** The same on every start, made on the first. */
	demoPassword(): string;
}

/**
 * On an empty database makes the demo team, or a one-time link for the owner. Returns what to tell the
 * person at the console, on this and (for the demo) on every later start.
 */
export async function firstRun(
	ctx: Omit<Ctx, 'actor'>,
	options: FirstRun
): Promise<{ demoBotId: string | undefined; lines: string[] }> {
	const { isDemoAllowed, publicOrigin, demoOrigin } = options;
	const isEmpty = await isEmptyInstall(ctx.db.person);
	if (isEmpty && !isDemoAllowed) {
		const link = `${publicOrigin}/sign-up#owner=${await createOwnerToken(ctx)}`;
		const lines = ['Create the first account within 24 hours with this link:', link];
		return { demoBotId: undefined, lines };
	}
	if (isEmpty) await seedDemo(ctx, { password: options.demoPassword(), demoOrigin });
	const demoBotId = isDemoAllowed ? await findDemoBot(ctx) : undefined;
	const lines = [
		`Sign in with ${DEMO_OWNER} and the password ${options.demoPassword()}`,
		`A website with the widget on it is at ${demoOrigin}`
	];
	return { demoBotId, lines: demoBotId ? lines : [] };
}

async function findDemoBot({ db }: Omit<Ctx, 'actor'>): Promise<string | undefined> {
	const owner = await findCredentials(db.person, DEMO_OWNER);
	const [teamId] = owner ? await teamsOfUser(db.person, owner.id) : [];
	if (!teamId) return undefined;
	const [bot] = await db.team(teamId, botsOfTeam);
	return bot?.id;
}
