/** What a mail says, before it has a form. */
export interface Letter {
	subject: string;
	/** Paragraphs of plain text; what people typed may be in them. */
	paragraphs: readonly string[];
	/** The one thing to do. */
	link?: { label: string; url: string };
}

const END = 'Sent by Bellhop.';

export const plainOf = ({ paragraphs, link }: Letter): string =>
	[...paragraphs, ...(link ? [`${link.label}:\n${link.url}`] : []), END].join('\n\n');

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};
const escaped = (text: string) =>
	text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** Needs nothing from elsewhere: no picture, no font, nothing that tells whether it was read. */
export function htmlOf({ subject, paragraphs, link }: Letter): string {
	const text = paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n');
	const action = link
		? `<p><a href="${escaped(link.url)}" style="display:inline-block;padding:10px 18px;border-radius:8px;` +
			`background:#0e6f74;color:#ffffff;text-decoration:none">${escaped(link.label)}</a></p>\n` +
			`<p style="color:#555555">${escaped(link.url)}</p>`
		: '';
	return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="font-family:sans-serif;line-height:1.5;max-width:36em;margin:2em auto;padding:0 1em">
${text}
${action}
<p style="color:#555555">${END}</p>
</body>
</html>`;
}
