import type { Privacy } from '#contract/notifications.ts';
import type { PushPayload } from '#contract/push.ts';
import { conversationPath, testPath } from '#contract/routes.ts';
import type { NotificationKind } from '../store/notification-event.ts';

/** Plaintext bytes of every push: Firefox on Android takes 2,744 with the encryption's own. */
export const PAYLOAD_BYTES = 2600;
const TITLE_CHARACTERS = 80;

/** How long a push service keeps it for a device that is away. A stale ring would be a lie. */
export const TTL_SECONDS: Record<NotificationKind, number> = {
	escalation: 15 * 60,
	unanswered: 15 * 60,
	message: 4 * 3600,
	assigned: 4 * 3600,
	mention: 4 * 3600
};

export interface Notice {
	kind: NotificationKind;
	teamId: string;
	conversationId: string;
	/** Number of the conversation's newest message. */
	seq: number;
	/** Which of the conversation's events it tells. */
	event: { seq: number; at: number; id: string };
	/** Whose notification it is. */
	userId: string;
	deliveryId: string;
	ackToken: string;
	/** What the person's lock screen may show. */
	privacy: Privacy;
	/** Scheme, host and port of the app. */
	publicOrigin: string;
	visitorName: string | null;
	botId: string;
	botName: string;
	/** The visitor's message, or why the chat was escalated. */
	text: string | null;
	/** Conversations of the team that wait for this person. */
	waitingCount: number;
	/** The same of their other teams: the icon counts them, what is written keeps to its team. */
	elsewhereCount: number;
	/** This conversation is one of them. */
	isWaiting: boolean;
	/** Sounds even where the conversation's notification stands already: a newer event, not the same one again. */
	isNew: boolean;
	/** Says only that there is something: for a service that found the full one too large. */
	isGeneric: boolean;
}

/**
 * The plaintext of a push: complete in itself, carrying the state ("3 chats waiting"), at most PAYLOAD_BYTES.
 */
export function compose(notice: Notice): string {
	const { conversationId, teamId, deliveryId, isGeneric, privacy } = notice;
	const text = isGeneric || privacy !== 'full' ? null : notice.text;
	const path = conversationPath(conversationId, { team: teamId, delivery: deliveryId });
	const isBare = privacy === 'nothing';
	return fitted(isBare ? '' : clean(text) || FALLBACK_BODY[notice.kind], (body) => ({
		title: isBare ? 'New chat' : isGeneric ? genericTitle(notice.waitingCount) : title(notice),
		body,
		navigate: notice.publicOrigin + path,
		tag: `c-${conversationId}`,
		// Nobody waiting is a number too: it takes away the one that an earlier push has put there.
		app_badge: notice.waitingCount + notice.elsewhereCount,
		data: {
			kind: notice.kind,
			ackToken: notice.ackToken,
			deliveryId,
			teamId,
			conversationId,
			botId: notice.botId,
			renotify: notice.isNew,
			seq: notice.seq,
			event: notice.event,
			userId: notice.userId
		}
	}));
}

/**
 * The plaintext of a question to take over: a colleague's who goes, or, with nobody there, the team's. `until`: as a
 * clock shows it, where that is known.
 */
export function composeAsk(asked: {
	teamId: string;
	userId: string;
	deliveryId: string;
	ackToken: string;
	publicOrigin: string;
	privacy: Privacy;
	/** Null: nobody asks but the business hours. */
	colleagueName: string | null;
	teamName: string;
	until: string | null;
	isNew: boolean;
}): string {
	const { teamId, deliveryId, privacy, until, colleagueName } = asked;
	const isBare = privacy === 'nothing';
	const who = isBare ? 'A colleague' : clip(clean(colleagueName));
	const team = isBare ? '' : ` for ${clip(clean(asked.teamName))}`;
	const end = until === null ? '' : ` It is until ${until}.`;
	const nobody =
		colleagueName === null ? 'Visitors read that nobody is there.' : 'Nobody else is online.';
	return fitted(`${nobody} Go online to take over.${end}`, (body) => ({
		title:
			colleagueName === null ? `Nobody is online${team}` : `${who} asks you to take over live chat`,
		body,
		navigate: `${asked.publicOrigin}/chats?${new URLSearchParams({ team: teamId, delivery: deliveryId })}`,
		tag: `take-over-${teamId}`,
		data: {
			kind: 'take_over',
			ackToken: asked.ackToken,
			deliveryId,
			teamId,
			conversationId: null,
			renotify: asked.isNew,
			userId: asked.userId
		}
	}));
}

/** The plaintext of *Send a test notification*. */
export function composeTest(test: {
	deliveryId: string;
	ackToken: string;
	publicOrigin: string;
	deviceName: string;
}): string {
	return fitted(`Notifications reach ${clean(test.deviceName) || 'this device'}.`, (body) => ({
		title: 'Bellhop test',
		body,
		navigate: test.publicOrigin + testPath(test.deliveryId),
		tag: `test-${test.deliveryId}`,
		data: {
			kind: 'test',
			ackToken: test.ackToken,
			deliveryId: test.deliveryId,
			teamId: null,
			conversationId: null,
			renotify: true
		}
	}));
}

type Variable = Pick<PushPayload['notification'], 'title' | 'body' | 'navigate' | 'tag' | 'data'> &
	Pick<PushPayload, 'app_badge'>;

function encode({ title, body, navigate, app_badge, ...rest }: Variable): string {
	const payload: PushPayload = {
		web_push: 8030,
		mutable: true,
		...(app_badge !== undefined && { app_badge }),
		notification: {
			...{ title, body, navigate, lang: 'en', dir: 'auto', silent: false, mutable: true },
			...(app_badge !== undefined && { app_badge: String(app_badge) }),
			...rest
		}
	};
	return JSON.stringify(payload);
}

/** The longest start of the body with which the payload fits; cut between characters, never within one. */
function fitted(body: string, build: (body: string) => Variable): string {
	const full = encode(build(body));
	if (Buffer.byteLength(full) <= PAYLOAD_BYTES) return full;
	const characters = [...body];
	let fits = 0;
	let tooLong = characters.length;
	while (tooLong - fits > 1) {
		const half = (fits + tooLong) >> 1;
		const candidate = encode(build(`${characters.slice(0, half).join('')}…`));
		if (Buffer.byteLength(candidate) <= PAYLOAD_BYTES) fits = half;
		else tooLong = half;
	}
	return encode(build(`${characters.slice(0, fits).join('').trimEnd()}…`));
}

const counted = (waiting: number) => `${waiting} chats waiting`;

function title({ kind, visitorName, botName, waitingCount, isWaiting }: Notice): string {
	const who = clip(clean(visitorName) || 'Visitor');
	const own = kind === 'assigned' ? 'given to you' : kind === 'mention' && 'you were mentioned';
	// It concerns this person alone: that comes before the count, which a narrow screen cuts off.
	if (own) return [who, own, ...(waitingCount > 1 ? [counted(waitingCount)] : [])].join(' · ');
	if (waitingCount > 1 && isWaiting && kind === 'unanswered')
		return `${counted(waitingCount)} · unanswered: ${who}`;
	if (waitingCount > 1 && isWaiting) return `${counted(waitingCount)} · newest: ${who}`;
	if (waitingCount > 1) return `${who} · ${counted(waitingCount)}`;
	if (kind === 'escalation') return `${who} waits for a person · ${clip(clean(botName))}`;
	return kind === 'unanswered' ? `${who} still waits · ${clip(clean(botName))}` : who;
}

const genericTitle = (waiting: number) => (waiting > 1 ? counted(waiting) : 'A chat is waiting');

const FALLBACK_BODY: Record<NotificationKind, string> = {
	escalation: 'A visitor asks for a person.',
	unanswered: 'Nobody has answered yet.',
	message: 'A visitor wrote.',
	assigned: 'The chat waits for you.',
	mention: 'A colleague mentioned you in a note.'
};

/** One line, without what would break a lock screen or grow sixfold as JSON: controls and lone surrogates. */
const clean = (text: string | null): string =>
	(text ?? '')
		.toWellFormed()
		.replaceAll(/[\p{Cc}\s]+/gu, ' ')
		.trim();

function clip(text: string): string {
	const characters = [...text];
	if (characters.length <= TITLE_CHARACTERS) return text;
	return `${characters.slice(0, TITLE_CHARACTERS - 1).join('')}…`;
}
