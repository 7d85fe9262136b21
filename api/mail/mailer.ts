import nodemailer, { type Transporter } from 'nodemailer';
import type { Log } from '../domain/context.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { DataOf } from '../jobs/enqueue.ts';
import type { Db } from '../store/db.ts';
import { deleteMail, findWaitingMail, type MailRow, markMail } from '../store/mail.ts';

export interface MailerOptions {
	db: Db;
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
export function createMailer({ db, log, jobs, config }: MailerOptions): Mailer {
	const { smtpUrl, mailFrom } = config;
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
			await jobs.work('mail', async ({ teamId, mailId }: DataOf<'mail'>, { isLast }) => {
				const mail = await db.team(teamId, (tx) => findWaitingMail(tx, mailId));
				if (!mail) return;
				if (transport) await deliver({ db, log, transport, teamId, mail, isLast });
				else await db.team(teamId, (tx) => markMail(tx, mailId, { state: 'kept', problem: null }));
			});
		},
		close: () => transport?.close()
	};
}

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
	isLast
}: Pick<MailerOptions, 'db' | 'log'> & {
	transport: Transporter;
	teamId: string;
	mail: MailRow;
	isLast: boolean;
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
		await db.team(teamId, (tx) => markMail(tx, id, { state, problem: message }));
		if (!isFinal) throw error;
		log.warn({ mailId: id, status: responseCode }, 'a mail could not be delivered');
		return;
	}
	await db.team(teamId, (tx) => deleteMail(tx, id));
}
