import type { Mail } from '#contract/members.ts';
import type { Db, TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface MailRow {
	id: string;
	recipient: string;
	subject: string;
	/** Plain text. */
	body: string;
	html: string;
}

/** `at`: milliseconds since 1970. */
export async function insertMail(tx: TeamTx, mail: MailRow & { at: number }): Promise<void> {
	const { id, recipient, subject, body, html, at } = mail;
	await tx.run(sql`
		insert into mails (team_id, id, recipient, subject, body, html, created_at)
		values (${tx.teamId}, ${id}, ${recipient}, ${subject}, ${body}, ${html}, ${new Date(at)})`);
}

/** A mail that is still to be sent. */
export function findWaitingMail(tx: TeamTx, id: string): Promise<MailRow | undefined> {
	return tx.maybe(sql`
		select id, recipient, subject, body, html from mails
		where team_id = ${tx.teamId} and id = ${id} and state = 'waiting'`);
}

export async function deleteMail(tx: TeamTx, id: string): Promise<void> {
	await tx.run(sql`delete from mails where team_id = ${tx.teamId} and id = ${id}`);
}

/** All that is kept in the transaction's scope. */
export async function deleteMails(tx: TeamTx): Promise<void> {
	await tx.run(sql`delete from mails where team_id = ${tx.teamId}`);
}

export async function markMail(
	tx: TeamTx,
	id: string,
	{ state, problem }: Pick<Mail, 'state' | 'problem'>
): Promise<void> {
	await tx.run(sql`
		update mails set state = ${state}, problem = ${problem}
		where team_id = ${tx.teamId} and id = ${id}`);
}

const listed = sql`id, recipient, subject, body as text, state, problem, created_at as "createdAt"`;

/** What has not left, the newest first. */
export function mailsOfTeam(tx: TeamTx, limit: number): Promise<Mail[]> {
	return tx.many(sql`
		select ${listed} from mails where team_id = ${tx.teamId}
		order by created_at desc, id desc limit ${limit}`);
}

/** The same of mails about people's own accounts, which are kept under the person. */
export async function mailsOfAccounts(db: Db, limit: number): Promise<Mail[]> {
	const ids = await db.person.many<{ userId: string; mailId: string }>(sql`
		select user_id as "userId", mail_id as "mailId" from account_mails(${limit})`);
	const found: Mail[] = [];
	for (const [userId, of] of Map.groupBy(ids, (row) => row.userId)) {
		const mailIds = of.map((row) => row.mailId);
		found.push(
			...(await db.team(userId, (tx) =>
				tx.many<Mail>(sql`
					select ${listed} from mails
					where team_id = ${tx.teamId} and id = any(${mailIds}::uuid[])`)
			))
		);
	}
	return found;
}
