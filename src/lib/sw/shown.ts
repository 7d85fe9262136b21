import type { Notice, NoticeData } from './notice.ts';

/** Of conversations; the ones shown longest ago are forgotten first. */
const KEPT = 100;

/** What this worker has shown of each conversation since the browser last started it. */
export type Shown = Map<string, Notice>;

/**
 * What to show for a push that came, which is never nothing. One that came twice does not sound twice, and one that a
 * newer has overtaken on the way leaves the newer standing. From memory alone, since nothing may be waited for here: a
 * worker that was started anew shows what comes.
 */
export function settleOn(shown: Shown, notice: Notice): Notice {
	const { tag } = notice.options;
	const coming = placeOf(notice);
	if (!tag || !coming) return notice;
	const standing = shown.get(tag);
	const known = standing && placeOf(standing);
	if (standing && known && known.userId === coming.userId && !isNewer(coming, known))
		return { ...standing, options: { ...standing.options, renotify: false } };
	shown.delete(tag);
	shown.set(tag, notice);
	for (const oldest of shown.keys()) {
		if (shown.size <= KEPT) break;
		shown.delete(oldest);
	}
	return notice;
}

/** Where a push stands in its conversation; null where it does not say. */
function placeOf({ options }: Notice) {
	const { event, userId } = options.data as NoticeData;
	const { seq, at, id } = (event ?? {}) as Record<string, unknown>;
	const isKnown = typeof seq === 'number' && typeof at === 'number' && typeof id === 'string';
	return isKnown ? { seq, at, id, userId } : null;
}

type Place = NonNullable<ReturnType<typeof placeOf>>;

/** The order by which the server, too, drops what has been overtaken. */
function isNewer(coming: Place, known: Place): boolean {
	if (coming.seq !== known.seq) return coming.seq > known.seq;
	if (coming.at !== known.at) return coming.at > known.at;
	return coming.id > known.id;
}
