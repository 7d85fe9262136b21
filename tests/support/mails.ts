import type { Mail } from '#contract/members.ts';
import { mailsOfTeam } from '../../api/store/mail.ts';
import type { TestApp } from './app.ts';

/** What was mailed to the address, the newest first: in a team's name, or to a person about their account. */
export async function mailsTo(app: TestApp, scopeId: string, address: string): Promise<Mail[]> {
	const mails = await app.db.team(scopeId, (tx) => mailsOfTeam(tx, 100));
	return mails.filter(({ recipient }) => recipient === address);
}

/** The key behind the `#` of the link in the newest of those mails. */
export async function mailedKey(app: TestApp, scopeId: string, address: string): Promise<string> {
	const [mail] = await mailsTo(app, scopeId, address);
	const key = /#([A-Za-z0-9_-]{43})$/m.exec(mail?.text ?? '')?.[1];
	if (!key) throw new Error(`no mail with a link to ${address}`);
	return key;
}
