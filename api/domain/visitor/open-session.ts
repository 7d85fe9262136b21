import { browserName } from '#contract/browser-name.ts';
import type { WidgetSessionResponse } from '#contract/widget.ts';
import type { BotRow } from '../../store/bot.ts';
import { conversationOfVisitor } from '../../store/conversation.ts';
import type { TeamTx } from '../../store/db.ts';
import { findTeam } from '../../store/team.ts';
import { insertVisitor, seeVisitor, teamOfBot, type VisitorPage } from '../../store/visitor.ts';
import { requireBot } from '../bot/require.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { brandLabel } from './public-agent.ts';
import { readState } from './read-state.ts';
import { makeToken, visitorOf } from './token.ts';

export interface SessionInput {
	botId: string;
	/** Of an earlier session; one that is nobody's begins anew. */
	token?: string | undefined;
	/** The origin of the website around the frame. */
	hostOrigin: string;
	page?: VisitorPage | undefined;
	/** Origins that may show every bot's widget: the app's preview, the demo site. */
	ownOrigins: readonly string[];
	userAgent: string;
}

/** Opens or continues a visitor's session, on a website that the bot's team allows. */
export async function openSession(ctx: Ctx, input: SessionInput): Promise<WidgetSessionResponse> {
	const { botId } = input;
	const teamId = (await teamOfBot(ctx.db.person, botId)) ?? botId;
	const opened = await ctx.db.team(teamId, async (tx) => {
		const bot = await requireBot(tx, botId);
		requireAllowed(bot, input);
		const team = await findTeam(tx);
		if (!team) throw new Error('a bot without a team');
		return { bot, team };
	});
	const known = input.token ? await visitorOf(ctx.db, input.token) : undefined;
	const isBack = known?.teamId === teamId && known.botId === botId;
	const { visitorId, token } = isBack
		? { visitorId: known.visitorId, token: input.token ?? '' }
		: await enter(ctx, teamId, input);
	if (isBack) await ctx.db.team(teamId, (tx) => comeBack(ctx, tx, visitorId, input));
	const { bot, team } = opened;
	const { name, avatar, greeting, quickQuestions, humanEscalation, humanOnly } = bot;
	const questions = quickQuestions.map(({ question }) => question);
	const actor = { kind: 'visitor' as const, teamId, visitorId, botId };
	return {
		token,
		brand: { name: brandLabel(team), color: team.brandColor, avatar: team.brandAvatar },
		bot: { name, avatar, greeting, quickQuestions: questions, humanEscalation, humanOnly },
		state: await readState({ ...ctx, actor }, { after: 0 })
	};
}

function requireAllowed(bot: BotRow, { hostOrigin, ownOrigins }: SessionInput): void {
	if (bot.allowedOrigins.includes(hostOrigin) || ownOrigins.includes(hostOrigin)) return;
	throw new DomainError('forbidden', `${hostOrigin} may not show this bot.`, {
		field: 'hostOrigin',
		remedy: 'Add the website to the bot’s allowed websites.'
	});
}

/** Agents follow it as a link, so it must be a web address. */
const pageOf = ({ page }: SessionInput): VisitorPage | undefined =>
	page && /^https?:\/\//.test(page.url)
		? { url: page.url.toWellFormed(), title: page.title.toWellFormed() }
		: undefined;

async function enter(ctx: Ctx, teamId: string, input: SessionInput) {
	const id = ctx.newId();
	const { token, digest } = makeToken(teamId, id);
	const browser = browserName(input.userAgent);
	const { botId } = input;
	await ctx.db.team(teamId, (tx) =>
		insertVisitor(tx, { id, botId, digest, browser, page: pageOf(input), at: ctx.now() })
	);
	return { visitorId: id, token };
}

async function comeBack(ctx: Ctx, tx: TeamTx, id: string, input: SessionInput): Promise<void> {
	const isMoved = await seeVisitor(tx, { id, page: pageOf(input), at: ctx.now() });
	if (!isMoved) return;
	const conversation = await conversationOfVisitor(tx, id);
	if (conversation)
		tx.changed({ entity: 'conversation', id: conversation.id, botId: conversation.botId });
}
