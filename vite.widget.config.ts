import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const OUT = path.resolve('build/widget');

/** Puts .br and .gz beside every text file, as the app's own build does. */
function precompress(): void {
	for (const name of readdirSync(OUT, { recursive: true, encoding: 'utf8' })) {
		if (!/\.(js|css)$/.test(name)) continue;
		const body = readFileSync(path.join(OUT, name));
		writeFileSync(path.join(OUT, `${name}.br`), brotliCompressSync(body));
		writeFileSync(path.join(OUT, `${name}.gz`), gzipSync(body, { level: 9 }));
	}
}

/**
 * The visitor's widget, apart from the app: a loader that is one classic script, and the frame.
 * Both land in build/widget, after the app's own build has emptied build.
 */
export default defineConfig({
	root: 'src/widget',
	base: '/widget/',
	publicDir: false,
	plugins: [svelte({ configFile: false })],
	builder: {
		async buildApp({ build, environments: { client, loader } }) {
			if (client) await build(client);
			if (loader) await build(loader);
			precompress();
		}
	},
	environments: {
		client: {
			build: {
				outDir: OUT,
				emptyOutDir: true,
				modulePreload: { polyfill: false },
				rolldownOptions: { input: 'src/widget/frame.html' }
			}
		},
		loader: {
			consumer: 'client',
			build: {
				outDir: OUT,
				emptyOutDir: false,
				target: 'es2020',
				rolldownOptions: {
					input: 'src/widget/loader.ts',
					output: { format: 'iife', entryFileNames: 'widget.js' }
				}
			}
		}
	}
});
