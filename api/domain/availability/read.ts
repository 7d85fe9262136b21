import type { PresenceStatus } from '#contract/entities.ts';
import type { Availability, PublicAgent, WidgetAvailability } from '#contract/widget.ts';
import { type BotRow, membersOfBot } from '../../store/bot.ts';
import { medianReplyMs } from '../../store/conversation.ts';
import type { TeamTx } from '../../store/db.ts';
import { lastWrittenAt } from '../../store/message.ts';
import { findTeam, type TeamRow } from '../../store/team.ts';
import { teamOfBot } from '../../store/visitor.ts';
import { requireBot } from '../bot/require.ts';
import type { Ctx, PresenceAnswer } from '../context.ts';
import { permissionsOf } from '../team/access.ts';
import { brandAgent, type Face, publicAgent } from '../visitor/public-agent.ts';

const MAX_VALID_MS = 60_000;
const SHOWN_AGENTS = 3;
const REPLY_WINDOW_MS = 30 * 86_400_000;
/** Fewer replies say nothing about what is usual. */
const REPLIES_AT_LEAST = 3;

type Reader = Pick<Ctx, 'db' | 'now' | 'presence'>;

/** Whether somebody is there, for anyone who knows the bot. */
export async function availabilityOfBot(
	ctx: Reader,
	{ botId }: { botId: string }
): Promise<WidgetAvailability> {
	const teamId = await teamOfBot(ctx.db.person, botId);
	// A team that no bot has: row security finds nothing in it.
	return ctx.db.team(teamId ?? botId, async (tx) => {
		const bot = await requireBot(tx, botId);
		const team = await findTeam(tx);
		if (!team) throw new Error('a bot without a team');
		return { ...(await readAvailability(ctx, tx, { bot, team })), color: team.brandColor };
	});
}

/** Whether an agent with access to the bot is there, as its team shows it to visitors. */
export async function readAvailability(
	ctx: Reader,
	tx: TeamTx,
	{ bot, team }: { bot: BotRow; team: TeamRow }
): Promise<Availability> {
	const nothing = { agents: [], lastActiveAgoMs: null, usualReplyMs: null };
	if (!bot.showAvailability) return { status: 'none', ...nothing, validForMs: MAX_VALID_MS };
	const members = await membersOfBot(tx, bot.id);
	const agents = members.filter(({ role, customPermissions }) =>
		permissionsOf(role, customPermissions).has('chat.handle')
	);
	const presence = await ctx.presence.ofTeam(tx);
	const answers = agents.flatMap((face) => {
		const answer = presence.get(face.userId);
		return answer ? [{ face, answer }] : [];
	});
	const { status, counted } = statusOf(answers);
	const since = ctx.now() - REPLY_WINDOW_MS;
	return {
		status,
		agents: status === 'online' ? shownAs(team, counted) : [],
		lastActiveAgoMs: status === 'online' ? null : await lastActiveAgoMs(ctx, tx, answers),
		usualReplyMs: await medianReplyMs(tx, { botId: bot.id, since, atLeast: REPLIES_AT_LEAST }),
		validForMs: validForMs(counted)
	};
}

interface Known {
	face: Face;
	answer: PresenceAnswer;
}

/** The best word that any agent gives, and the agents whose names go with it. */
function statusOf(answers: readonly Known[]): { status: PresenceStatus; counted: Known[] } {
	const of = (status: PresenceStatus) => answers.filter(({ answer }) => answer.status === status);
	const online = of('online');
	if (online.length > 0) return { status: 'online', counted: online.slice(0, SHOWN_AGENTS) };
	const checking = of('checking');
	return { status: checking.length > 0 ? 'checking' : 'offline', counted: checking };
}

const shownAs = (team: TeamRow, online: readonly Known[]): PublicAgent[] =>
	team.showAgentsAs === 'team'
		? [brandAgent(team)]
		: online.map(({ face }) => publicAgent(team, face));

/** Until the first of those it names may be gone. */
const validForMs = (counted: readonly Known[]): number =>
	Math.max(0, Math.floor(Math.min(MAX_VALID_MS, ...counted.map((k) => k.answer.validForMs))));

// What only the agent does; a lease runs out long after the last sign of life.
const BY_HAND = new Set<PresenceAnswer['cause']>(['set by you', 'signed out']);

/** Since anything was last heard of an agent: a beat, a change by hand, a message. */
async function lastActiveAgoMs(
	ctx: Reader,
	tx: TeamTx,
	answers: readonly Known[]
): Promise<number | null> {
	const ids = answers.map(({ face }) => face.userId);
	const times = answers.flatMap(({ answer }) => [
		answer.lastBeatAt ?? 0,
		BY_HAND.has(answer.cause) ? answer.since : 0
	]);
	const at = Math.max(0, ...times, (await lastWrittenAt(tx, ids)) ?? 0);
	return at === 0 ? null : Math.max(0, Math.round(ctx.now() - at));
}
