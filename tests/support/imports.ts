import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export interface Import {
	/** The importing file, from the root of the repository. */
	from: string;
	/** What it imports: a path from the root of the repository for our own files, else the package's specifier. */
	to: string;
	isOurs: boolean;
}

/** All files below the folders whose names end so, from the root of the repository. */
export function filesOf(folders: readonly string[], endings: readonly string[]): string[] {
	return folders
		.flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
				path.join(folder, name)
			)
		)
		.filter((file) => endings.some((ending) => file.endsWith(ending)))
		.sort();
}

/** Every import of a file: static, dynamic and of types alone. */
export function importsOf(file: string): Import[] {
	const text = readFileSync(file, 'utf8');
	const script = file.endsWith('.svelte') ? scriptsIn(text) : text;
	return specifiersIn(script).map((specifier) => resolve(file, specifier));
}

const scriptsIn = (svelte: string): string =>
	[...svelte.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code).join('\n');

function specifiersIn(code: string): string[] {
	const source = ts.createSourceFile('file.ts', code, ts.ScriptTarget.Latest, true);
	const found: string[] = [];
	const keep = (node: ts.Node | undefined) => {
		if (node && ts.isStringLiteralLike(node)) found.push(node.text);
	};
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) keep(node.moduleSpecifier);
		else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
			keep(node.argument.literal);
		else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
			keep(node.arguments[0]);
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

function resolve(from: string, specifier: string): Import {
	if (specifier.startsWith('.'))
		return { from, to: path.join(path.dirname(from), specifier), isOurs: true };
	for (const [alias, folder] of [
		['#contract/', 'src/lib/contract/'],
		['$lib/', 'src/lib/']
	] as const)
		if (specifier.startsWith(alias))
			return { from, to: folder + specifier.slice(alias.length), isOurs: true };
	return { from, to: specifier, isOurs: false };
}

/**
 * What must have arrived before the entries run: the files and packages that they import, and these in turn, but for
 * types and for what is fetched later.
 */
export function neededAtOnce(entries: readonly string[]): Set<string> {
	const needed = new Set<string>();
	const visit = (file: string): void => {
		if (needed.has(file)) return;
		needed.add(file);
		if (!/\.(ts|svelte)$/.test(file)) return;
		const text = readFileSync(file, 'utf8');
		const code = file.endsWith('.svelte') ? scriptsIn(text) : text;
		for (const specifier of valuesIn(code)) visit(resolve(file, specifier).to);
	};
	for (const entry of entries) visit(entry);
	return needed;
}

/** The specifiers of static imports and re-exports of which something is left at run time. */
function valuesIn(code: string): string[] {
	const source = ts.createSourceFile('file.ts', code, ts.ScriptTarget.Latest, true);
	const isTypeAlone = (names: ts.NamedImportBindings | ts.NamedExportBindings | undefined) =>
		names !== undefined &&
		(ts.isNamedImports(names) || ts.isNamedExports(names)) &&
		names.elements.every((name) => name.isTypeOnly);
	return source.statements.flatMap((statement) => {
		const isLeft = ts.isImportDeclaration(statement)
			? !statement.importClause?.isTypeOnly && !isTypeAlone(statement.importClause?.namedBindings)
			: ts.isExportDeclaration(statement) &&
				!statement.isTypeOnly &&
				!isTypeAlone(statement.exportClause);
		const specifier = isLeft && (statement as ts.ImportDeclaration).moduleSpecifier;
		return specifier && ts.isStringLiteral(specifier) ? [specifier.text] : [];
	});
}

/** The longest function of a file, in lines, and where it begins. */
export function longestFunction(file: string): { lines: number; at: number } {
	const source = ts.createSourceFile(
		file,
		readFileSync(file, 'utf8'),
		ts.ScriptTarget.Latest,
		true
	);
	const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
	let longest = { lines: 0, at: 0 };
	const visit = (node: ts.Node): void => {
		if (ts.isFunctionLike(node)) {
			const at = lineOf(node.getStart());
			const lines = lineOf(node.getEnd()) - at + 1;
			if (lines > longest.lines) longest = { lines, at };
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return longest;
}
