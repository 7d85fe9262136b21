import { readdirSync, readFileSync } from 'node:fs';
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

/** Kit's manifest names the chunks of a route: its node's own script beside the layout's and the two entries. */
function initialScripts(): Set<string> {
	const shell = readFileSync(path.join(BUILD, '200.html'), 'utf8');
	const seen = new Set<string>();
	for (const [, src] of shell.matchAll(/["'](\/_app\/immutable\/[^"']+\.js)["']/g))
		staticImports(path.resolve(BUILD, `.${src}`), seen);
	const nodes = path.join(BUILD, '_app/immutable/nodes');
	// Node 0 is the root layout, 1 the error page; the inbox is found by its route's chunk below.
	for (const file of readdirSync(nodes).filter((f) => f.endsWith('.js')))
		if (/^0\./.test(file) || readFileSync(path.join(nodes, file), 'utf8').includes('Live Chat'))
			staticImports(path.resolve(nodes, file), seen);
	return seen;
}

/** What travels before the inbox can be seen, and before a visitor's page has its launcher. */
export function bytes(): Row[] {
	const app = [...initialScripts()]
		.map((file) => brotliCompressSync(readFileSync(file)).length)
		.reduce((sum, size) => sum + size, 0);
	const loader = gzipSync(readFileSync(path.join(BUILD, 'widget.js')), { level: 9 }).length;
	return [
		atMost('initial JavaScript of the app', app / KB, 'KB br', 90),
		atMost('widget loader', loader / KB, 'KB gzip', 5)
	];
}
