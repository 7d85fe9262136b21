import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { atMost, type Row } from '../row.ts';

const BUILD = 'build';
const KB = 1024;

/** The scripts that a module needs before it runs, itself included. */
function staticImports(entry: string, seen = new Set<string>()): Set<string> {
	if (seen.has(entry)) return seen;
	seen.add(entry);
	const code = readFileSync(entry, 'utf8');
	for (const [, from] of code.matchAll(
		/(?:^|[;}\s])(?:import|export)[^'"()]*?from?\s*["'](\.[^"']+)["']/g
	))
		staticImports(path.resolve(path.dirname(entry), from ?? ''), seen);
	for (const [, from] of code.matchAll(/(?:^|[;}\s])import\s*["'](\.[^"']+)["']/g))
		staticImports(path.resolve(path.dirname(entry), from ?? ''), seen);
	return seen;
}

/** The inbox, as Kit names its route. */
const ROUTE = '/(app)/chats/[[id]]';

/**
 * What the shell's page loads at once, and the nodes of the route with their layouts. Kit's entry lists the nodes
 * and has a table of routes: `"/route":[page,[layouts]]`. Node 0 is the root layout, 1 the error page: it loads both at once.
 */
function initialScripts(): Set<string> {
	const shell = readFileSync(path.join(BUILD, '200.html'), 'utf8');
	const seen = new Set<string>();
	const entries = [...shell.matchAll(/["'](\/_app\/immutable\/[^"']+\.js)["']/g)].map(([, src]) =>
		path.resolve(BUILD, `.${src}`)
	);
	for (const entry of entries) staticImports(entry, seen);
	const app = entries.find((entry) => /\/entry\/app\./.test(entry)) ?? '';
	const table = readFileSync(app, 'utf8');
	const at = table.indexOf(`"${ROUTE}":[`);
	if (at < 0) throw new Error(`Kit's entry has no route ${ROUTE}`);
	const [numbers = ''] = /\[[\d,[\]]*?\]\]?/.exec(table.slice(at + ROUTE.length + 2)) ?? [];
	for (const node of new Set(['0', '1', ...(numbers.match(/\d+/g) ?? [])])) {
		const [, file = ''] =
			new RegExp(`["'\`]\\.\\./(nodes/${node}\\.[^"'\`]+\\.js)`).exec(table) ?? [];
		staticImports(path.resolve(path.dirname(app), '..', file), seen);
	}
	return seen;
}

/** What travels before the inbox can be seen, and before a visitor's page has its launcher. */
export function bytes(): Row[] {
	const app = [...initialScripts()]
		.map((file) => brotliCompressSync(readFileSync(file)).length)
		.reduce((sum, size) => sum + size, 0);
	const loader = gzipSync(readFileSync(path.join(BUILD, 'widget/widget.js')), { level: 9 }).length;
	return [
		atMost('initial JavaScript of the app', app / KB, 'KB br', 90),
		atMost('widget loader', loader / KB, 'KB gzip', 5)
	];
}
