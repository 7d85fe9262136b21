import { expect, test } from 'vitest';
import { isShellNavigation, precacheEntries, SHELL } from '../../src/lib/sw/shell.ts';

const ORIGIN = 'https://chat.example.com';
const ID = '01a202cb-fa63-7a83-9e87-784c84dc3dfd';
const navigation = (path: string) =>
	({ mode: 'navigate', url: new URL(path, ORIGIN).href }) as Request;

test.each(['/', '/chats', `/chats/${ID}?team=${ID}`, '/mine', '/notification', '/sign-in'])(
	'the worker opens %s from its cache',
	(path) => {
		expect(isShellNavigation(navigation(path), ORIGIN)).toBe(true);
	}
);

test.each([
	'/api/me',
	'/frame/abc',
	'/widget.js',
	'/widget/frame.html',
	'/demo',
	'/chats/../frame/abc',
	'/chats/not-an-id',
	'https://other.example.com/chats'
])('the worker leaves %s to the server', (path) => {
	expect(isShellNavigation(navigation(path), ORIGIN)).toBe(false);
});

test('only navigations are answered with the shell', () => {
	const request = { mode: 'cors', url: `${ORIGIN}/chats` } as Request;
	expect(isShellNavigation(request, ORIGIN)).toBe(false);
});

test('the whole build and the shell are kept, and what no page shows is not', () => {
	const entries = precacheEntries({
		build: ['/_app/immutable/a.js'],
		files: ['/icon.png', '/screenshot-wide.png'],
		version: 'v1'
	});
	expect(entries).toEqual([
		{ url: '/_app/immutable/a.js', revision: null },
		{ url: '/icon.png', revision: 'v1' },
		{ url: SHELL, revision: 'v1' }
	]);
});
