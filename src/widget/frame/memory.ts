/** What the frame remembers over a reload, per bot. */
export interface Memory {
	get<T>(key: string): T | null;
	set(key: string, value: unknown): void;
}

interface MemoryOptions {
	storage?: () => Storage;
	/** What `keep` was last given, on an earlier page. */
	kept?: string | null;
	/** Takes everything to where it lasts at least as long as the tab. */
	keep?: (all: string) => void;
}

/**
 * Keeps values in localStorage, which a browser partitions by the embedding site. One that blocks
 * third parties refuses it: then the page around the frame is asked to keep them, since a chat
 * that every click on a link ends is worth nothing.
 */
export function createMemory(botId: string, options: MemoryOptions = {}): Memory {
	const { storage = () => localStorage, kept, keep } = options;
	const held = new Map<string, string>(entriesOf(kept ?? null));
	const nameOf = (key: string) => `bellhop:${botId}:${key}`;
	const read = (name: string): string | null => {
		try {
			return storage().getItem(name);
		} catch {
			return held.get(name) ?? null;
		}
	};
	return {
		get: <T>(key: string) => parse<T>(read(nameOf(key))),
		set(key, value) {
			const [name, text] = [nameOf(key), JSON.stringify(value)];
			held.set(name, text);
			try {
				storage().setItem(name, text);
			} catch {
				keep?.(JSON.stringify([...held]));
			}
		}
	};
}

/** Anything may have written there: what is not JSON counts as nothing. */
function parse<T>(text: string | null): T | null {
	try {
		return text === null ? null : (JSON.parse(text) as T);
	} catch {
		return null;
	}
}

function entriesOf(text: string | null): [string, string][] {
	const entries = parse<unknown>(text);
	if (!Array.isArray(entries)) return [];
	return entries.filter(
		(entry): entry is [string, string] =>
			Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
	);
}
