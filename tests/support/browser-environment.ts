import type { Environment } from 'vitest/runtime';

/**
 * Code is compiled as for a browser, so that runes are alive; there is no document.
 */
const environment: Environment = {
	name: 'browser',
	viteEnvironment: 'client',
	setup: () => ({ teardown() {} })
};

// The name under which Vitest asks for it.
export { environment as default };
