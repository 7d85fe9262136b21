/** Up to two initials, of the first and the last word. */
export function initials(name: string): string {
	const words = name.match(/[\p{L}\p{N}]\S*/gu) ?? [];
	const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
	return picked.map((word) => Array.from(word ?? '')[0]?.toUpperCase() ?? '').join('') || '?';
}

/** One of the eight avatar colours of widget.css, always the same for an id, as in the agents' app. */
export function faceColor(id: string): string {
	let hash = 0;
	for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) | 0;
	return `var(--avatar-${(Math.abs(hash) % 8) + 1})`;
}
