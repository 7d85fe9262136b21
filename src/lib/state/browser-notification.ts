import { lesserPrivacy } from '#contract/notifications.ts';
import { DEFAULT_PREFERENCES } from '#contract/push.ts';
import type { Alert } from '../push/alert.ts';
import { alone } from '../push/alone.ts';
import { thisBrowser } from '../push/browser.ts';
import { browserNoticeOf, isWanted } from '../push/browser-notice.ts';
import { isNoticed, showNotice } from '../push/notices.ts';
import { lockScreen } from './lock-screen.svelte.ts';
import { notifications } from './notifications.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { presence } from './presence.svelte.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

const LOCK = 'bellhop-alerts';

/**
 * A browser notification, on a device that no push reaches: never both for one event. Returns whether it is one.
 * `isLast`: this is not tried again, so what the server has not said by now is decided without it.
 */
export async function notify(alert: Alert, { isLast }: { isLast: boolean }): Promise<boolean> {
	const { preferences, settings, state } = notifications;
	const userId = workspace.current?.userId;
	if (state === 'on' || !userId) return false;
	if (!isLast && (state === 'loading' || !preferences)) return false;
	// A tab on iOS does not even know the name.
	if (globalThis.Notification?.permission !== 'granted') return false;
	// No push comes without a registration; one that there is may be rung by.
	if (state === 'loading' && (await isRegistered())) return false;
	const wishes = { preferences: preferences ?? DEFAULT_PREFERENCES, settings, now: Date.now() };
	if (!isWanted(alert.event, { ...wishes, status: presence.status })) return false;
	const most = await lockScreen.mostOf(alert.teamId);
	const privacy = settings ? lesserPrivacy(settings.privacy, most) : 'nothing';
	const canClaim = session.can('chat.handle');
	const { title, options } = browserNoticeOf(alert, { privacy, userId, canClaim });
	// Two pages may have brought it, and one may have brought it twice: it is told once.
	await alone(thisPage, LOCK, async () => {
		if (!(await isNoticed(options.tag, alert))) await showNotice(title, options);
	});
	return true;
}

/** As far as the browser knows: one that fails to say rings nobody. */
const isRegistered = async (): Promise<boolean> =>
	(await thisBrowser.held().catch(() => null)) !== null;
