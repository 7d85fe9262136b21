import { isEmptyInstall } from '../../store/install.ts';
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
): Promise<{ isDemo: boolean; lines: string[] }> {
	const { isDemoAllowed, publicOrigin, demoOrigin } = options;
	const isEmpty = await isEmptyInstall(ctx.db.person);
	if (isEmpty && !isDemoAllowed) {
		const token = await createOwnerToken(ctx);
		const link = `${publicOrigin}/sign-up#owner=${token}`;
		return {
			isDemo: false,
			lines: ['Create the first account within 24 hours with this link:', link]
		};
	}
	if (isEmpty) await seedDemo(ctx, { password: options.demoPassword(), demoOrigin });
	const isDemo = isDemoAllowed && (await isDemoThere(ctx));
	if (!isDemo) return { isDemo, lines: [] };
	return {
		isDemo,
		lines: [
			`Sign in with ${DEMO_OWNER} and the password ${options.demoPassword()}`,
			`A website with the widget on it is at ${demoOrigin}`
		]
	};
}

const isDemoThere = async (ctx: Omit<Ctx, 'actor'>): Promise<boolean> =>
	(await findCredentials(ctx.db.person, DEMO_OWNER)) !== undefined;
