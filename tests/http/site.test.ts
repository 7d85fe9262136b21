import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSite } from '../../api/http/site.ts';
import { openDb } from '../../api/store/db.ts';
import { type TestApp, testApp } from '../support/app.ts';

const POLICY = "default-src 'self'; script-src 'self' 'sha256-abc='";
const SHELL = `<meta http-equiv="content-security-policy" content="${POLICY}"><title>Bellhop</title>`;
const SCRIPT = 'export const a = 1;\n'.repeat(100);
const CHAT = '/chats/01890000-0000-7000-8000-000000000000';

let root: string;
let app: TestApp;
beforeAll(async () => {
	root = mkdtempSync(path.join(tmpdir(), 'bellhop-site-'));
	mkdirSync(path.join(root, '_app/immutable'), { recursive: true });
	const write = (name: string, body: string | Buffer) => writeFileSync(path.join(root, name), body);
	write('200.html', SHELL);
	write('icon.png', 'png');
	write('_app/immutable/a.js', SCRIPT);
	write('_app/immutable/a.js.br', brotliCompressSync(SCRIPT));
	write('_app/immutable/a.js.gz', gzipSync(SCRIPT));
	app = await testApp({ deps: { site: readSite(root) } });
});
afterAll(async () => {
	await app.close();
	rmSync(root, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) =>
	app.stranger().request(path, { headers });

describe('the shell', () => {
	test.each([
		'/',
		'/sign-in',
		'/sign-up',
		'/chats',
		CHAT,
		'/mine',
		'/notification',
		'/why',
		'/more'
	])('answers the app’s own page %s', async (page) => {
		const response = await get(page);
		expect(response.status).toBe(200);
		expect(await response.text()).toBe(SHELL);
		expect(response.headers.get('Content-Type')).toContain('text/html');
		expect(response.headers.get('Cache-Control')).toBe('no-cache');
	});

	test.each([
		'/chat',
		'/chats/1',
		'/frame/x',
		'/widget.js',
		'/favicon.ico',
		'/_app/x.js',
		'/../package.json',
		'/%2e%2e/x'
	])('answers nothing else: %s is a plain 404', async (page) => {
		const response = await get(page);
		expect(response.status).toBe(404);
		expect(response.headers.get('Content-Type')).toContain('text/plain');
	});

	test('carries the policy of its build, and may not be framed', async () => {
		const { headers } = await get('/chats');
		expect(headers.get('Content-Security-Policy')).toBe(`${POLICY}; frame-ancestors 'none'`);
	});
});

describe('a file', () => {
	test.each([
		['br', 'br'],
		['gzip, deflate, br', 'br'],
		['gzip', 'gzip'],
		['br;q=0, gzip', 'gzip'],
		['identity', null],
		['', null]
	])('asked for with Accept-Encoding "%s" comes as %s', async (accepted, encoding) => {
		const { headers } = await get('/_app/immutable/a.js', { 'Accept-Encoding': accepted });
		expect(headers.get('Content-Encoding')).toBe(encoding);
		expect(headers.get('Vary')).toBe('Accept-Encoding');
	});

	test('is the same in each encoding, typed, and kept for good where its name is a hash', async () => {
		const response = await get('/_app/immutable/a.js', { 'Accept-Encoding': 'br' });
		const body = brotliDecompressSync(await response.arrayBuffer()).toString();
		expect(body).toBe(SCRIPT);
		expect(response.headers.get('Content-Type')).toContain('javascript');
		expect(response.headers.get('Cache-Control')).toContain('immutable');
	});

	test('that the browser has is not sent again', async () => {
		const etag = (await get('/icon.png')).headers.get('ETag') ?? '';
		const again = await get('/icon.png', { 'If-None-Match': `"other", ${etag}` });
		expect(again.status).toBe(304);
		expect(await again.text()).toBe('');
		expect((await get('/icon.png', { 'If-None-Match': '"other"' })).status).toBe(200);
	});
});

test('every answer is taken for what it says it is, and can be found in the log', async () => {
	for (const path of ['/', '/icon.png', '/nothing', '/api/health', '/api/me', '/api/nothing']) {
		const { headers } = await get(path);
		expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
		expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
	}
});

test.each(['/', '/icon.png', '/nothing'])(
	'%s carries what documents are bound by',
	async (path) => {
		const { headers } = await get(path);
		expect(headers.get('Referrer-Policy')).toBe('same-origin');
		expect(headers.get('Permissions-Policy')).toContain('microphone=()');
		expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
	}
);

test.each(['/api/health', '/api/me', '/api/nothing'])('%s is never stored', async (path) => {
	expect((await get(path)).headers.get('Cache-Control')).toBe('no-store');
});

test('an unknown address of the API is a 404 in JSON', async () => {
	const response = await get('/api/nothing');
	expect(response.status).toBe(404);
	expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
});

test('a folder without a build is refused at the start', () => {
	expect(() => readSite(path.join(root, '_app'))).toThrow('holds no build of the app');
});

test('health answers while the database does', async () => {
	expect((await get('/api/health')).status).toBe(200);
	const db = openDb('postgres://nobody@127.0.0.1:1/none');
	const without = await testApp({ deps: { db } });
	const response = await without.stranger().get('/api/health');
	expect(response.status).toBe(503);
	expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
	await without.close();
});
