import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONTEXT_WORDS } from '../../api/domain/account/guessable.ts';
import { filesOf } from '../support/imports.ts';

const DOCUMENT = readFileSync('docs/security.md', 'utf8');

/** Levels 1 and 2 of OWASP ASVS 5.0, chapters V6, V7 and V8: section, and how many of its requirements. */
const ASVS: Record<string, number[]> = {
	...{ '6.1': upTo(3), '6.2': upTo(12), '6.3': upTo(4), '6.4': upTo(4), '6.5': upTo(5) },
	...{ '6.6': upTo(3), '6.8': upTo(4) },
	...{
		'7.1': upTo(3),
		'7.2': upTo(4),
		'7.3': upTo(2),
		'7.4': upTo(5),
		'7.5': upTo(2),
		'7.6': upTo(2)
	},
	...{ '8.1': upTo(2), '8.2': upTo(3), '8.3': upTo(1), '8.4': upTo(1) }
};
function upTo(last: number): number[] {
	return Array.from({ length: last }, (_, n) => n + 1);
}

/** How a row without a test says so. */
const WITHOUT_TEST = /\*\*(Does not apply|By absence|Not met)\*\*/;
const CITED = /`(tests\/[\w./-]+\.test\.ts)` "((?:[^"\\]|\\.)+)"/g;

const rows = [...DOCUMENT.matchAll(/^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| ?(.*?) ?\|$/gm)].map(
	([, id = '', requirement = '', how = '', shown = '']) => ({ id, requirement, how, shown })
);

test('every requirement of levels 1 and 2 has one row, in order', () => {
	const ids = Object.entries(ASVS).flatMap(([section, numbers]) =>
		numbers.map((number) => `${section}.${number}`)
	);
	expect(rows.map(({ id }) => id)).toEqual(ids);
});

describe.each(rows)('$id', ({ how, shown }) => {
	const cited = [...shown.matchAll(CITED)].map(([, file = '', name = '']) => ({
		file,
		name: name.replaceAll('\\"', '"')
	}));

	test('names tests that exist, or says why there is none', () => {
		expect(cited.length > 0 || WITHOUT_TEST.test(how)).toBe(true);
		// Nothing else stands in the cell: a name that is misspelt must not go unseen.
		expect(shown.replace(CITED, '').replace(/[;\s]/g, '')).toBe('');
		for (const { file, name } of cited) {
			expect(existsSync(file), file).toBe(true);
			const text = readFileSync(file, 'utf8');
			const quoted = ["'", '"', '`'].map((quote) => `${quote}${name}${quote}`);
			const isThere = quoted.some((literal) => text.includes(literal));
			expect(isThere, `${file}: ${name}`).toBe(true);
		}
	});
});

test('the words that no password may be made of are those of the code', () => {
	const section = DOCUMENT.split('## Passwords')[1]?.split('\n## ')[0] ?? '';
	expect(CONTEXT_WORDS.filter((word) => !section.includes(word))).toEqual([]);
});

test('every field for a password masks it, and lets managers fill it and people paste', () => {
	const files = filesOf(['src/routes', 'src/lib'], ['.svelte']);
	const found = (pattern: RegExp) =>
		files.flatMap((file) =>
			[...readFileSync(file, 'utf8').matchAll(pattern)].map(([field]) => ({ file, field }))
		);
	const fields = found(
		/<Field\b[^>]*?(bind:value=\{[^}]*(password|current)\b[^}]*\}|-password")[^>]*?\/>/gi
	);
	// One component has the field for a password that is to be; all forms that ask for one use it.
	expect(fields.map(({ file }) => file)).toContain('src/lib/components/NewPasswordField.svelte');
	expect(fields.length + found(/<NewPasswordField\b/g).length).toBeGreaterThanOrEqual(9);
	const wrong = fields.filter(
		({ field }) =>
			!field.includes('type="password"') ||
			!/autocomplete="?[^>]*(current|new)-password/.test(field)
	);
	expect(wrong).toEqual([]);
	expect(files.filter((file) => /\bonpaste\b/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
