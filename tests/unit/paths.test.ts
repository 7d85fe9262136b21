import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const DOCUMENTS = [
	...readdirSync('.').filter((name) => name.endsWith('.md')),
	...readdirSync('docs', { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.map((name) => path.join('docs', name))
];
/** Made when somebody builds or starts, or not there before the first release. */
const MADE = ['build', 'data', 'node_modules'];

/** Links to files, and words in backticks that look like a path of this repository. */
function pathsIn(document: string): string[] {
	const text = readFileSync(document, 'utf8');
	const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link = '']) =>
		path.join(path.dirname(document), link)
	);
	const words = [...text.matchAll(/`((?:\.\w+|[\w.-]+)\/[\w./[\]*<>-]*)`/g)].map(
		([, word = '']) => word
	);
	return [...links, ...words.filter((word) => existsSync(word.split('/')[0] as string))];
}

const isThere = (file: string): boolean => {
	if (MADE.includes(file.split('/')[0] as string)) return true;
	// A pattern such as `tests/*.test.ts` or `src/lib/<what>` promises its fixed part.
	const [fixed = ''] = file.split(/[*<]/);
	return existsSync(fixed === file ? file : path.dirname(`${fixed}x`));
};

test.each(DOCUMENTS)('every path named in %s exists', (document) => {
	expect(pathsIn(document).filter((file) => !isThere(file))).toEqual([]);
});

test('a decision says how it is kept true', () => {
	const decisions = DOCUMENTS.filter((name) => name.startsWith('docs/adr/'));
	expect(decisions.length).toBeGreaterThan(0);
	for (const decision of decisions)
		for (const part of ['Context', 'Options', 'Decision', 'Consequences', 'Confirmation'])
			expect(readFileSync(decision, 'utf8'), decision).toContain(`## ${part}`);
});
