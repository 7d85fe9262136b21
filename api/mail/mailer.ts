import nodemailer, { type Transporter } from 'nodemailer';
import type { Log } from '../domain/context.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { DataOf } from '../jobs/enqueue.ts';
import type { Db, TeamTx } from '../store/db.ts';
import { noteOnLadder } from '../store/ladder.ts';
import { deleteMail, findWaitingMail, type MailRow, markMail } from '../store/mail.ts';

export interface MailerOptions {
	db: Db;
	now(): number;
	log: Log;
	jobs: Pick<Jobs, 'work'>;
	/** Without `smtpUrl` mails stay in the database, for the owner to read. */
	config: { smtpUrl?: string | undefined; mailFrom: string };
}

export interface Mailer {
	/** Takes `mail` jobs from the queue. */
	start(): Promise<void>;
	close(): void;
}

/** In the URL, the only place where nodemailer takes them beside one. Its own are minutes long. */
const LIMITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

function withLimits(smtpUrl: string): string {
	const url = new URL(smtpUrl);
	for (const [name, ms] of Object.entries(LIMITS)) url.searchParams.set(name, String(ms));
	return url.href;
}

/** Connects nowhere before its first mail. */
export function createMailer({ db, now, log, jobs, config }: MailerOptions): Mailer {
	const { smtpUrl, mailFrom } = config;
	/** Where the mail is the end of a ladder, whose trail says what came of it. */
	const noter =
		({ ladderId }: DataOf<'mail'>): Note =>
		async (tx, detail) => {
			if (ladderId) await noteOnLadder(tx, ladderId, { at: now(), detail });
		};
	const transport =
		smtpUrl === undefined
			? undefined
			: nodemailer.createTransport(withLimits(smtpUrl), {
					from: mailFrom,
					// What a mail contains comes from the database alone, never from a path or an address in it.
					disableFileAccess: true,
					disableUrlAccess: true
				});
	return {
		async start() {
			await jobs.work('mail', async (data: DataOf<'mail'>, { isLast }) => {
				const { teamId, mailId } = data;
				const mail = await db.team(teamId, (tx) => findWaitingMail(tx, mailId));
				if (!mail) return;
				const note = noter(data);
				if (transport) return deliver({ db, log, transport, teamId, mail, isLast, note });
				await db.team(teamId, async (tx) => {
					await markMail(tx, mailId, { state: 'kept', problem: null });
					await note(tx, 'A mail to an admin stays here: this server has no mail server.');
				});
			});
		},
		close: () => transport?.close()
	};
}

type Note = (tx: TeamTx, detail: string) => Promise<void>;

/**
 * Not while a transaction is open. A refusal for good (RFC 5321, 4.2.1: 5yz) is kept, and so is what the last
 * attempt could not deliver; anything else is tried again.
 */
async function deliver({
	db,
	log,
	transport,
	teamId,
	mail,
	isLast,
	note
}: Pick<MailerOptions, 'db' | 'log'> & {
	transport: Transporter;
	teamId: string;
	mail: MailRow;
	isLast: boolean;
	note: Note;
}): Promise<void> {
	const { id, recipient, subject, body, html } = mail;
	try {
		await transport.sendMail({
			// An address that was typed is one address, whatever characters it has.
			to: { name: '', address: recipient },
			subject,
			text: body,
			html,
			// The same at each attempt, so that a server that has it already can tell.
			messageId: `<${id}@bellhop>`
		});
	} catch (error) {
		const { responseCode = 0, message } = error as Error & { responseCode?: number };
		const isFinal = responseCode >= 500 || isLast;
		const state = isFinal ? 'failed' : 'waiting';
		const said = responseCode ? `said ${responseCode}` : 'did not answer';
		await db.team(teamId, async (tx) => {
			await markMail(tx, id, { state, problem: message });
			if (isFinal) await note(tx, `A mail to an admin was not delivered: the mail server ${said}.`);
		});
		if (!isFinal) throw error;
		log.warn({ mailId: id, status: responseCode }, 'a mail could not be delivered');
		return;
	}
	await db.team(teamId, async (tx) => {
		await deleteMail(tx, id);
		await note(tx, 'A mail to an admin has left.');
	});
}
