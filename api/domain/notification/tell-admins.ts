import type { TeamNotificationSettings } from '#contract/notifications.ts';
import { conversationPath } from '#contract/routes.ts';
import { type LadderRow, lockLadder, noteOnLadder } from '../../store/ladder.ts';
import { findSubject, type SubjectRow } from '../../store/recipient.ts';
import { insertWebhookCall } from '../../store/webhook-call.ts';
import type { Ctx, InTeam } from '../context.ts';
import type { Letter } from '../mail/letter.ts';
import { sendMail } from '../mail/send.ts';
import { adminsOf } from './admins.ts';

type Teller = InTeam<Ctx<{ kind: 'system' }>>;

interface Untaken {
	ladder: LadderRow;
	subject: SubjectRow;
	publicOrigin: string;
}

/**
 * A ladder's end: has the admins told as the team wants it. Returns what is to be done, as a sentence; whoever does it
 * adds to the trail what came of it.
 */
export async function tellAdmins(
	ctx: Teller,
	{ tellBy, webhookUrl }: TeamNotificationSettings,
	about: Untaken
): Promise<string> {
	if (tellBy === 'nobody') return 'Nobody is told by mail or webhook: the team wants it so.';
	if (tellBy === 'webhook' && webhookUrl) {
		await callWebhook(ctx, about, webhookUrl);
		return 'The team’s webhook is to be told.';
	}
	return `${await mailAdmins(ctx, about)} by email.`;
}

/** The webhook was given up: mail takes its place, as long as somebody waits. The ladder's trail says so. */
export async function tellByMailInstead(
	ctx: Teller,
	{ ladderId, problem, publicOrigin }: { ladderId: string; problem: string; publicOrigin: string }
): Promise<void> {
	const { tx } = ctx;
	const ladder = await lockLadder(tx, ladderId);
	if (!ladder) return;
	const { conversationId, startedAt, state, isOvertaken } = ladder;
	const isWaiting = state === 'pending' && !isOvertaken;
	const about = { id: ladderId, kind: 'unanswered', conversationId, messageId: null } as const;
	const subject = isWaiting ? await findSubject(tx, { ...about, at: startedAt }) : undefined;
	const failed = `The team’s webhook did not take it (${problem})`;
	const detail = subject
		? `${failed}: ${await mailAdmins(ctx, { ladder, subject, publicOrigin })} by email instead.`
		: `${failed}. By then nobody waited any more, so no mail was sent.`;
	await noteOnLadder(tx, ladderId, { at: ctx.now(), detail });
}

/** "2 admins are to be told" */
async function mailAdmins(ctx: Teller, about: Untaken): Promise<string> {
	const admins = await adminsOf(ctx.tx);
	const letter = letterOf(ctx, about);
	for (const { email } of admins)
		await sendMail(ctx, { to: email, ladderId: about.ladder.id, ...letter });
	return `${admins.length} ${admins.length === 1 ? 'admin is' : 'admins are'} to be told`;
}

/** What an admin reads about a visitor whom nobody answers. */
function letterOf(ctx: Teller, { ladder, subject, publicOrigin }: Untaken): Letter {
	const who = subject.visitorName?.trim() || 'A visitor';
	const minutes = Math.max(1, Math.round((ctx.now() - ladder.startedAt) / 60_000));
	const path = conversationPath(ladder.conversationId, { team: ctx.tx.teamId });
	return {
		subject: `${who} has waited ${minutes} min for an answer`,
		paragraphs: [
			`${who} asked for a person on ${subject.botName} ${minutes} min ago. Everyone who allows it was rung, and nobody has answered.`,
			'The visitor has been told, and asked for an email address.'
		],
		link: { label: 'Open the chat', url: publicOrigin + path }
	};
}

async function callWebhook(
	ctx: Teller,
	{ ladder, subject, publicOrigin }: Untaken,
	url: string
): Promise<void> {
	const { tx } = ctx;
	const { conversationId, startedAt } = ladder;
	const id = ctx.newId();
	const body = JSON.stringify({
		type: 'conversation.unanswered',
		timestamp: new Date(ctx.now()).toISOString(),
		data: {
			conversationId,
			bot: subject.botName,
			visitor: subject.visitorName,
			escalatedAt: new Date(startedAt).toISOString(),
			url: publicOrigin + conversationPath(conversationId, { team: tx.teamId })
		}
	});
	await insertWebhookCall(tx, { id, ladderId: ladder.id, url, body, at: ctx.now() });
	await ctx.enqueue(tx, { name: 'webhook', data: { teamId: tx.teamId, callId: id } });
}
