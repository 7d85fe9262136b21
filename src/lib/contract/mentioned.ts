/** Somebody a note may address. `name`: as colleagues see it. */
export interface Addressee {
	userId: string;
	name: string;
}

const firstWord = (name: string): string => name.trim().split(/\s+/)[0]?.toLowerCase() ?? '';

/**
 * Whom a note addresses: `@First Last`, or `@First` where one colleague alone goes by it. Whatever the case,
 * and only as a whole word.
 */
export function mentioned(body: string, colleagues: readonly Addressee[]): string[] {
	const text = body.toLowerCase();
	const isNamed = (name: string) => {
		const at = `@${name.trim().toLowerCase()}`;
		if (at === '@') return false;
		for (let i = text.indexOf(at); i >= 0; i = text.indexOf(at, i + 1))
			if (!/[\p{L}\p{N}]/u.test(text.charAt(i + at.length))) return true;
		return false;
	};
	const sharing = (word: string) =>
		colleagues.filter(({ name }) => firstWord(name) === word).length;
	return colleagues
		.filter(({ name }) => {
			const word = firstWord(name);
			return isNamed(name) || (sharing(word) === 1 && isNamed(word));
		})
		.map(({ userId }) => userId);
}
