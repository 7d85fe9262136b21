import adapter from '@sveltejs/adapter-static';
import { sourceHash } from './scripts/source-hash.js';

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: adapter({ fallback: '200.html', precompress: true }),
		serviceWorker: { register: false },
		version: { name: sourceHash() },
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['self'],
				'script-src': ['self'],
				'style-src': [
					'self',
					'unsafe-hashes',
					'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='
				],
				'img-src': ['self', 'data:'],
				'object-src': ['none'],
				'base-uri': ['self']
			}
		},
		typescript: {
			config: (c) => {
				c.include.push(
					'../api/**/*.ts',
					'../tests/**/*.ts',
					'../scripts/*.js',
					'../*.ts',
					'../*.js'
				);
			}
		}
	}
};
