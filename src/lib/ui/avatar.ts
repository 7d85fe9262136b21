/** Up to two initials: of the first and last word, or the first letter of an email address. */
export function initials(name: string): string {
	const words = name.split('@', 1)[0]?.match(/[\p{L}\p{N}][^\s]*/gu) ?? [];
	const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
	return picked.map((word) => Array.from(word ?? '')[0]?.toUpperCase() ?? '').join('') || '?';
}

/** One of the eight avatar colours, always the same for an id. */
export function avatarColor(id: string): string {
	let hash = 0;
	for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) | 0;
	return `var(--avatar-${(Math.abs(hash) % 8) + 1})`;
}
