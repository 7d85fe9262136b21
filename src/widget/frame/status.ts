import type { Availability, PublicAgent } from '#contract/widget.ts';
import type { FrameWords } from '../words.ts';

/** What stands under the name in the header. Null: nothing is known, or the bot does not tell. */
export interface StatusLine {
	/** Whether the green dot belongs to it. */
	isOnline: boolean;
	text: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** People go by their first name, a brand by all of it. */
export const shortName = ({ id, name }: PublicAgent): string =>
	id === null ? name : (name.trim().split(/\s+/)[0] ?? name);

/** A length of time in one unit: "under a minute", "20 min", "3 h", "2 days". */
export function duration(ms: number, words: FrameWords): string {
	if (ms < MINUTE) return words.underMinute;
	if (ms < HOUR) return words.minutes(Math.floor(ms / MINUTE));
	if (ms < DAY) return words.hours(Math.floor(ms / HOUR));
	return words.days(Math.floor(ms / DAY));
}

interface StatusInput {
	availability: Availability;
	/** Since the answer came; ages "last active". */
	elapsedMs: number;
	/** Only a fresh answer may say that somebody is there. */
	isFresh: boolean;
	/** Who has joined, if anybody. */
	agent: PublicAgent | null;
}

/** The one line about who is there, from an answer that may have run out. */
export function statusLine(input: StatusInput, words: FrameWords): StatusLine | null {
	const { availability, elapsedMs, isFresh, agent } = input;
	const { status, agents, lastActiveAgoMs } = availability;
	if (status === 'online' && isFresh) {
		if (agent) {
			const isThere = agents.some(({ id, name }) => id === agent.id && name === agent.name);
			return isThere ? { isOnline: true, text: words.online } : null;
		}
		const people = agents.filter(({ id }) => id !== null);
		const text = people.length > 0 ? words.namesOnline(people.map(shortName)) : words.online;
		return { isOnline: true, text };
	}
	if (status !== 'offline' || lastActiveAgoMs === null || agent) return null;
	const agoMs = lastActiveAgoMs + elapsedMs;
	const text = agoMs < MINUTE ? words.lastActiveNow : words.lastActive(duration(agoMs, words));
	return { isOnline: false, text };
}
