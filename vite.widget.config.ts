import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

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
		}
	},
	environments: {
		client: {
			build: {
				outDir: '../../build/widget',
				emptyOutDir: true,
				modulePreload: { polyfill: false },
				rolldownOptions: { input: 'src/widget/frame.html' }
			}
		},
		loader: {
			consumer: 'client',
			build: {
				outDir: '../../build/widget',
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
