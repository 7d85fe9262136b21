import type { DeletedBot } from '#contract/bots.ts';
import type { Bot, Permission } from '#contract/entities.ts';
import type { TeamTx } from './db.ts';
import type { RoleName } from './member.ts';
import { sql } from './sql.ts';

export interface QuickQuestion {
	question: string;
	answer: string;
}

/** A bot with what only the server needs to know. */
export interface BotRow extends Omit<Bot, 'quickQuestions'> {
	quickQuestions: QuickQuestion[];
	avatar: string | null;
	/** Origins of the websites that may show the widget. */
	allowedOrigins: string[];
}

const columns = sql`b.id, b.name, b.color, b.avatar, b.greeting, b.quick_questions as "quickQuestions",
	b.human_escalation as "humanEscalation", b.human_only as "humanOnly",
	b.show_availability as "showAvailability", b.allowed_origins as "allowedOrigins"`;

export async function insertBot(
	tx: TeamTx,
	bot: Pick<BotRow, 'id' | 'name' | 'greeting'> &
		Partial<Pick<BotRow, 'quickQuestions' | 'allowedOrigins'>>
): Promise<void> {
	const { id, name, greeting, quickQuestions = [], allowedOrigins = [] } = bot;
	await tx.run(sql`
		insert into bots (team_id, id, name, greeting, quick_questions, allowed_origins)
		values (${tx.teamId}, ${id}, ${name}, ${greeting}, ${JSON.stringify(quickQuestions)}::jsonb,
			${allowedOrigins}::text[])`);
	// Without botId: who may see a new bot is only known after this change.
	tx.changed({ entity: 'bot', id: bot.id });
}

export function findBot(tx: TeamTx, id: string): Promise<BotRow | undefined> {
	return tx.maybe(sql`
		select ${columns} from bots b where b.team_id = ${tx.teamId} and b.id = ${id}`);
}

/** All of the team's bots, the first made first. */
export function botsOfTeam(tx: TeamTx): Promise<BotRow[]> {
	return tx.many(sql`
		select ${columns} from bots b where b.team_id = ${tx.teamId} order by b.created_at, b.id`);
}

/** Writes all settings but the picture. Without botId in the change, as at the start: its chats are what they were. */
export async function updateBot(tx: TeamTx, bot: Omit<BotRow, 'avatar'>): Promise<void> {
	const { id, name, color, greeting, quickQuestions, allowedOrigins } = bot;
	await tx.run(sql`
		update bots set name = ${name}, color = ${color}, greeting = ${greeting},
			quick_questions = ${JSON.stringify(quickQuestions)}::jsonb,
			human_escalation = ${bot.humanEscalation}, human_only = ${bot.humanOnly},
			show_availability = ${bot.showAvailability}, allowed_origins = ${allowedOrigins}::text[]
		where team_id = ${tx.teamId} and id = ${id}`);
	tx.changed({ entity: 'bot', id });
}

/** Null takes the picture away. */
export async function saveBotAvatar(tx: TeamTx, id: string, avatar: string | null): Promise<void> {
	await tx.run(sql`
		update bots set avatar = ${avatar} where team_id = ${tx.teamId} and id = ${id}`);
	tx.changed({ entity: 'bot', id });
}

/** With its visitors and their chats; returns how many of each went. */
export async function deleteBot(tx: TeamTx, id: string): Promise<DeletedBot> {
	const gone = await tx.one<DeletedBot>(sql`
		select (select count(*) from visitors v where v.team_id = ${tx.teamId} and v.bot_id = ${id})
				as visitors,
			count(distinct c.id) as conversations, count(m.id) as messages
		from conversations c
		left join messages m on m.team_id = c.team_id and m.conversation_id = c.id
		where c.team_id = ${tx.teamId} and c.bot_id = ${id}`);
	await tx.run(sql`delete from bots where team_id = ${tx.teamId} and id = ${id}`);
	await tx.run(sql`delete from visitors where team_id = ${tx.teamId} and bot_id = ${id}`);
	tx.changed({ entity: 'bot', id, op: 'delete' });
	return gone;
}

/** A bot as the team's members see it. */
export function toBot({ allowedOrigins: _, quickQuestions, ...bot }: BotRow): Bot {
	return { ...bot, quickQuestions: quickQuestions.map(({ question }) => question) };
}

/** Members who may see the bot's conversations, the first joined first. */
export function membersOfBot(
	tx: TeamTx,
	botId: string
): Promise<
	{
		userId: string;
		role: RoleName;
		customPermissions: Permission[] | null;
		firstName: string;
		lastName: string;
		avatar: string | null;
	}[]
> {
	return tx.many(sql`
		select u.id as "userId", m.role, r.permissions as "customPermissions",
			u.first_name as "firstName", u.last_name as "lastName", u.avatar
		from members m join users u on u.id = m.user_id
		left join roles r on r.team_id = m.team_id and r.id = m.role_id
		where m.team_id = ${tx.teamId} and (m.has_all_bots or exists (
			select from member_bots a
			where a.team_id = m.team_id and a.user_id = m.user_id and a.bot_id = ${botId}))
		order by m.joined_at, m.user_id`);
}
