/** Every word a visitor reads. One object a language; English is complete and the fallback. */

const launcherEn = {
	open: 'Open chat',
	openOnline: 'Open chat. People are online',
	openUnread: (count: number) => `Open chat. ${count} unread`,
	close: 'Close chat',
	frame: 'Chat'
};

/** "Ana", "Ana and Ben", "Ana, Ben and Mira". */
const listOf = (names: string[]): string =>
	names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');

const frameEn = {
	close: 'Close',
	writeMessage: 'Write a message',
	addSomething: 'Add something',
	writeAgain: 'Write again',
	send: 'Send',
	messages: 'Messages',
	you: 'You',
	talkToPerson: 'Talk to a person',
	usuallyReplies: (time: string) => `Usually replies in ${time}`,
	underMinute: 'under a minute',
	minutes: (n: number) => `${n} min`,
	hours: (n: number) => `${n} h`,
	days: (n: number) => (n === 1 ? '1 day' : `${n} days`),
	online: 'Online',
	namesOnline: (names: string[]) => `${listOf(names)} online`,
	lastActive: (time: string) => `Last active ${time} ago`,
	lastActiveNow: 'Active just now',
	ringing: 'Ringing the team',
	ringingHint: 'You can keep writing. They see it all.',
	nobody:
		'Nobody could answer just now. We have your message and reply as soon as someone is back.',
	emailLabel: 'Get the answer by email too',
	emailPlaceholder: 'you@example.com',
	emailHint: 'Optional. You can keep writing here.',
	emailSave: 'Save',
	emailSaved: (email: string) => `The answer also goes to ${email}.`,
	emailFailed: 'This address could not be saved. Check it and save again.',
	joined: (name: string) => `${name} joined`,
	transferred: (name: string) => `${name} took over`,
	resolved: (name: string) => `${name} closed this chat. Write again to reopen it.`,
	resolvedByTeam: 'This chat was closed. Write again to reopen it.',
	reopened: 'This chat is open again',
	handedBack: 'The assistant answers again',
	unsent: 'Not sent yet · goes out by itself',
	refused: (reason: string) => `Not sent. ${reason}`,
	tryAgain: 'Try again',
	noConnection: 'No connection. What you write waits here.',
	notAvailable: 'The chat cannot be reached just now. It tries again by itself.',
	notAllowed: 'This chat is not set up for this website.'
};

export type LauncherWords = typeof launcherEn;
export type FrameWords = typeof frameEn;

const launchers: Record<string, LauncherWords> = { en: launcherEn };
const frames: Record<string, FrameWords> = { en: frameEn };

/** The first language of the list that there is, by its primary subtag (`pt-BR` is served by `pt`). */
function pick<T>(all: Record<string, T>, fallback: T, languages: readonly string[]): T {
	for (const language of languages) {
		const found = all[(language.split('-')[0] ?? '').toLowerCase()];
		if (found) return found;
	}
	return fallback;
}

export const launcherWords = (languages: readonly string[]): LauncherWords =>
	pick(launchers, launcherEn, languages);
export const frameWords = (languages: readonly string[]): FrameWords =>
	pick(frames, frameEn, languages);
