import { spawn } from 'node:child_process';
import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { sharedChunks } from './vite.chunks.ts';

/** In development, runs the API beside Vite; Node restarts it when its files change. */
const api: Plugin = {
	name: 'api',
	apply: (_, { command, mode }) => command === 'serve' && mode === 'development',
	configureServer({ httpServer }) {
		const args = ['--watch', '--watch-preserve-output', 'api/main.ts'];
		const child = spawn(process.execPath, args, {
			stdio: 'inherit',
			env: { ...process.env, API_ONLY: '1' }
		});
		httpServer?.once('close', () => child.kill());
		process.once('exit', () => child.kill());
	}
};

interface ProjectOptions {
	testTimeout: number;
	hookTimeout: number;
	environment?: string;
	include?: string[];
	exclude?: string[];
}

/** One project a folder of tests; `unit` alone is quick enough for every save. */
const project = (name: string, options: ProjectOptions) => ({
	extends: true as const,
	test: {
		name,
		environment: 'node',
		include: [`tests/${name}/**/*.test.ts`, ...(name === 'unit' ? ['tests/*.test.ts'] : [])],
		...options
	}
});
/** Wait for minutes rather than work: `npm test` lets them wait beside everything else. */
const WAITING = [
	'tests/e2e/presence-throttled.test.ts',
	'tests/e2e/presence.test.ts',
	'tests/e2e/notification-silence.test.ts'
];
const SECONDS = 1000;
// Generous, because machines are slow; speed is what the benchmark measures.
const quick = { testTimeout: 120 * SECONDS, hookTimeout: 120 * SECONDS };
const real = { testTimeout: 240 * SECONDS, hookTimeout: 240 * SECONDS };

export default defineConfig({
	plugins: [sveltekit(), api],
	// Its own entry is the build for browsers that are too old for the rest of the app.
	resolve: { alias: { dexie: 'dexie/dist/modern/dexie.mjs' } },
	build: {
		rolldownOptions: {
			checks: { pluginTimings: false },
			output: { codeSplitting: { groups: sharedChunks } }
		}
	},
	server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
	test: {
		maxWorkers: 2,
		expect: { poll: { timeout: 60 * SECONDS, interval: 100 } },
		globalSetup: 'tests/support/database-server.ts',
		projects: [
			project('unit', quick),
			project('store', real),
			project('http', real),
			project('sync', real),
			project('sw', quick),
			project('state', { ...quick, environment: './tests/support/browser-environment.ts' }),
			project('push', real),
			project('e2e', { ...real, exclude: WAITING }),
			project('waiting', { ...real, include: WAITING })
		]
	}
});
