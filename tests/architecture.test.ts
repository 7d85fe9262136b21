import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesOf, importsOf, longestFunction, neededAtOnce } from './support/imports.ts';

const ANY_LIB_BUT_WORKER = [
	'src/lib/contract',
	'src/lib/db',
	'src/lib/sync',
	'src/lib/intents',
	'src/lib/push',
	'src/lib/presence',
	'src/lib/state',
	'src/lib/ui',
	'src/lib/components'
];

/** Who may import whom, by folder or file; the longest name that fits a file decides. Its own files always. */
const WALLS: Record<string, string[]> = {
	'src/lib/contract': [],
	'src/lib/db': ['src/lib/contract'],
	'src/lib/sync': ['src/lib/contract', 'src/lib/db'],
	'src/lib/intents': ['src/lib/contract', 'src/lib/db', 'src/lib/sync'],
	'src/lib/presence': ['src/lib/contract', 'src/lib/db', 'src/lib/sync'],
	'src/lib/push': ['src/lib/contract', 'src/lib/db', 'src/lib/sync'],
	'src/lib/sw': ['src/lib/contract', 'src/lib/db', 'src/lib/sync', 'src/lib/presence'],
	'src/lib/state': [
		...['src/lib/contract', 'src/lib/db', 'src/lib/intents', 'src/lib/sync'],
		...['src/lib/presence', 'src/lib/push']
	],
	'src/lib/ui': [],
	'src/lib/components': ANY_LIB_BUT_WORKER,
	'src/routes': ANY_LIB_BUT_WORKER,
	'src/service-worker.ts': ['src/lib/sw'],
	'src/widget': ['src/lib/contract'],
	'api/store': ['src/lib/contract'],
	'api/domain': ['src/lib/contract', 'api/store', 'api/presence/core.ts', 'api/jobs/enqueue.ts'],
	'api/realtime': ['src/lib/contract', 'api/store', 'api/domain'],
	'api/jobs': ['src/lib/contract', 'api/store', 'api/domain'],
	'api/mail': ['src/lib/contract', 'api/store', 'api/domain', 'api/jobs'],
	'api/presence': ['src/lib/contract', 'api/store', 'api/domain', 'api/realtime'],
	'api/push': ['src/lib/contract', 'api/store', 'api/domain', 'api/jobs', 'api/presence'],
	'api/http': [
		...['src/lib/contract', 'api/domain'],
		...['api/realtime', 'api/presence', 'api/push']
	],
	'api/app.ts': [
		...['src/lib/contract', 'api/domain', 'api/http'],
		...['api/realtime', 'api/presence', 'api/push']
	],
	'api/config.ts': [],
	'api/secret-file.ts': [],
	'api/listen.ts': [],
	'api/log.ts': ['api/config.ts', 'api/domain/context.ts'],
	// main and the two parts it is split into may see everything.
	'api/main.ts': ['api', 'src/lib/contract'],
	'api/database.ts': ['api'],
	'api/web.ts': ['api']
};

/** Packages and the only places that import them, by the beginning of the specifier. Node's own are free on the server. */
const HOMES: Record<string, string[]> = {
	'node:': ['api'],
	pg: ['api/store'],
	'pg-boss': ['api/jobs'],
	'web-push': ['api/push'],
	undici: ['api/push/https-post.ts'],
	lucia: ['api/http/session.ts'],
	nodemailer: ['api/mail/mailer.ts'],
	sharp: ['api/domain/account/picture-encoder.ts'],
	'@simplewebauthn/browser': ['src/lib/state'],
	'@simplewebauthn/server': ['api/domain/account/webauthn.ts'],
	pino: ['api/log.ts'],
	hono: ['api/http', 'api/app.ts', 'api/realtime', 'api/listen.ts'],
	'@hono/node-server': ['api/listen.ts', 'api/http/client-address.ts'],
	'zod/mini': ['src/lib/contract', 'api/config.ts', 'api/http/parse.ts'],
	dexie: ['src/lib/db', 'src/lib/state'],
	'workbox-window': ['src/lib/state'],
	'workbox-routing': ['src/lib/sw', 'src/service-worker.ts'],
	'workbox-precaching': ['src/lib/sw', 'src/service-worker.ts'],
	'bits-ui': ['src/lib/ui'],
	'@lucide/svelte': ['src/lib/ui', 'src/lib/components', 'src/routes', 'src/widget/frame'],
	'@fontsource-variable/figtree': ['src/lib/ui', 'src/routes', 'src/widget/frame'],
	svelte: ['src/lib/state', 'src/lib/ui', 'src/lib/components', 'src/routes', 'src/widget'],
	'@sveltejs/kit': ['src/routes'],
	$app: ['src/routes', 'src/lib/state', 'src/lib/components'],
	$service: ['src/service-worker.ts', 'src/lib/sw']
};

const MAX_LINES = { source: 400, test: 600, component: 250, function: 80 };

const code = filesOf(['src', 'api'], ['.ts', '.svelte']);
const tests = filesOf(['tests'], ['.ts']);
const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').length;
const isWithin = (file: string, place: string) => file === place || file.startsWith(`${place}/`);

/** The row of a table that fits a file best. */
const rowFor = (file: string, table: Record<string, unknown>): string | undefined =>
	Object.keys(table)
		.filter((place) => isWithin(file, place))
		.sort((a, b) => b.length - a.length)[0];

const homeOf = (specifier: string): string[] | undefined => {
	const name = Object.keys(HOMES)
		.filter((key) => specifier === key || specifier.startsWith(/\W$/.test(key) ? key : `${key}/`))
		.concat(Object.keys(HOMES).filter((key) => key.startsWith('$') && specifier.startsWith(key)))
		.sort((a, b) => b.length - a.length)[0];
	return name === undefined ? undefined : HOMES[name];
};

test('every module imports only what its wall lets through', () => {
	const wrong = code.flatMap((file) => {
		const row = rowFor(file, WALLS);
		const allowed = row === undefined ? [] : [row, ...(WALLS[row] ?? [])];
		return importsOf(file)
			.filter(({ isOurs, to }) => isOurs && !allowed.some((place) => isWithin(to, place)))
			.map(({ to }) => `${file} imports ${to}`);
	});
	expect(wrong).toEqual([]);
});

test('the app never imports the server, not even its types', () => {
	const wrong = code
		.filter((file) => file.startsWith('src/'))
		.flatMap(importsOf)
		.filter(({ isOurs, to }) => isOurs && !to.startsWith('src/'));
	expect(wrong).toEqual([]);
});

test('every package is imported only where it is at home', () => {
	const wrong = code.flatMap((file) =>
		importsOf(file)
			.filter(({ isOurs, to }) => !isOurs && !homeOf(to)?.some((place) => isWithin(file, place)))
			.map(({ to }) => `${file} imports ${to}`)
	);
	expect(wrong).toEqual([]);
});

test('no file, component or function is longer than we hold ourselves to', () => {
	const limit = (file: string) =>
		file.endsWith('.svelte') ? MAX_LINES.component : MAX_LINES.source;
	const long = [
		...code.filter((file) => linesOf(file) > limit(file)),
		...tests.filter((file) => linesOf(file) > MAX_LINES.test),
		...code
			.filter((file) => file.endsWith('.ts') && longestFunction(file).lines > MAX_LINES.function)
			.map((file) => `${file}:${longestFunction(file).at}`)
	];
	expect(long).toEqual([]);
});

test('main.ts and the service worker stay tables of contents', () => {
	expect(linesOf('api/main.ts')).toBeLessThanOrEqual(100);
	expect(linesOf('src/service-worker.ts')).toBeLessThanOrEqual(40);
});

test('the environment is read by api/config.ts alone', () => {
	const readers = code.filter((file) => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')));
	// The database server's programs get the environment passed on; nothing is read from it.
	expect(readers).toEqual(['api/config.ts', 'api/store/embedded-postgres.ts']);
});

test('no markup is written past the escaping', () => {
	const raw = code.filter((file) => /\{@html\b|\binnerHTML\b/.test(readFileSync(file, 'utf8')));
	expect(raw).toEqual([]);
});

test('nothing is exported without a name', () => {
	const nameless = [...code, ...tests].filter((file) =>
		/^export default\b/m.test(readFileSync(file, 'utf8'))
	);
	expect(nameless).toEqual([]);
});

test('SQL is written in api/store alone', () => {
	const writers = code.filter((file) => /\bsql`/.test(readFileSync(file, 'utf8')));
	expect(writers.filter((file) => !file.startsWith('api/store/'))).toEqual([]);
});

test('the inbox shows what is cached before anything that talks to the server has come', () => {
	const needed = neededAtOnce([
		'src/routes/+layout.svelte',
		'src/routes/(app)/+layout.svelte',
		'src/routes/(app)/chats/[[id]]/+page.svelte'
	]);
	expect(needed).toContain('src/lib/components/ConversationList.svelte');
	expect(needed).toContain('dexie');
	for (const later of ['zod/mini', 'bits-ui', 'src/lib/sync/engine.ts'])
		expect(needed).not.toContain(later);
});
