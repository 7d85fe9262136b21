import { newId } from '#contract/ids.ts';
import { compose, type Notice } from '../../../api/push/compose.ts';
import { ORIGIN } from '../app.ts';

/** The plaintext of a push; null: one without any. */
export type PushText = string | null;

interface Receiver {
	userId: string;
	team: { id: string };
}

const noticeFor = ({ userId, team }: Receiver, { seq = 1, ...more }: Partial<Notice>): Notice => ({
	kind: 'escalation',
	teamId: team.id,
	conversationId: newId(),
	seq,
	event: { seq, at: Date.now(), id: newId() },
	userId,
	deliveryId: newId(),
	ackToken: 'A'.repeat(43),
	privacy: 'full',
	publicOrigin: ORIGIN,
	visitorName: 'Mia',
	botId: '0192f000-0000-7000-8000-00000000000b',
	botName: 'Shop',
	text: 'Where is my parcel?',
	waitingCount: 2,
	elsewhereCount: 0,
	isWaiting: true,
	isNew: true,
	isGeneric: false,
	...more
});

/**
 * Every kind of push that may ever come, by name; `n` makes each differ. None that says nothing and is encrypted all
 * the same: Chromium drops that itself.
 */
export function everyKind(receiver: Receiver): Record<string, (n: number) => PushText> {
	const notice = (more: Partial<Notice>) => compose(noticeFor(receiver, more));
	const standing = newId();
	const again = notice({ conversationId: newId(), seq: 4, text: 'The same again' });
	const changed = (change: (given: Record<string, unknown>) => void) => {
		const payload = JSON.parse(notice({}));
		change(payload.notification);
		return JSON.stringify(payload);
	};
	return {
		'an escalation': (n) => notice({ text: `Escalation ${n}` }),
		'a message': (n) => notice({ kind: 'message', text: `Message ${n}` }),
		'the next message of a chat': (n) =>
			notice({ kind: 'message', conversationId: standing, seq: n + 2, text: `Next ${n}` }),
		'an older message of that chat': () =>
			notice({ kind: 'message', conversationId: standing, seq: 1, text: 'Older' }),
		'the same push again': () => again,
		'a reminder': () => notice({ kind: 'unanswered' }),
		'a mention': () => notice({ kind: 'mention', waitingCount: 0 }),
		'one that says nothing': () => notice({ privacy: 'nothing' }),
		'the longest': () => notice({ text: '漢字'.repeat(4000), visitorName: '🛎️'.repeat(200) }),
		'no payload': () => null,
		'bad JSON': (n) => `{"web_push":8030,"notification":{"title":"cut ${n}`,
		'JSON of another kind': (n) => JSON.stringify([n, null, 'x']),
		'no title': () => '{"web_push":8030,"notification":{"body":"x"}}',
		'a kind from a later version': (n) =>
			changed((given) => {
				given.title = `Later ${n}`;
				given.data = { kind: 'hologram', ackToken: 7, seq: 'x', conversationId: {} };
				given.actions = 'none';
			}),
		'options of the wrong types': () =>
			changed((given) => {
				Object.assign(given, { body: 5, tag: null, lang: [], dir: 'up', app_badge: 'many' });
				given.navigate = 'javascript:alert(1)';
			})
	};
}
