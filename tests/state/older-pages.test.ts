import { beforeEach, expect, test, vi } from 'vitest';

const PAGE = 3;

/** What the server has, the newest first. */
const server = vi.hoisted(() => ({ rows: [] as { id: string; at: number }[] }));

vi.mock('../../src/lib/state/session.svelte.ts', () => ({ session: { team: { id: 'team' } } }));
vi.mock('../../src/lib/state/api.ts', () => ({
	async get(path: string) {
		const before = new URLSearchParams(path.split('?')[1]).get('before');
		const { rows } = server;
		const start = 1 + rows.findIndex(({ id, at }) => before === id || before === `${at}`);
		const page = rows.slice(start, start + PAGE);
		return { rows: page, entries: page, hasMore: start + PAGE < rows.length };
	}
}));

const { audit } = await import('../../src/lib/state/audit.svelte.ts');
const { rings } = await import('../../src/lib/state/rings.svelte.ts');

const happens = (at: number) => server.rows.unshift({ id: `n${at}`, at });

beforeEach(() => {
	server.rows = [];
	for (let at = 1; at <= 10; at++) happens(at);
});

test.each([
	{
		name: 'log',
		load: () => audit.list.load(),
		more: audit.more,
		shown: () => audit.list.value?.entries.map(({ id }) => id),
		hasMore: () => audit.list.value?.hasMore
	},
	{
		name: 'list of rings',
		load: () => rings.log.load(),
		more: rings.more,
		shown: () => rings.log.value?.rows.map(({ id }) => id),
		hasMore: () => rings.log.value?.hasMore
	}
])('the $name keeps its older pages when it is asked for anew', async (list) => {
	await list.load();
	await list.more();
	expect(list.shown()).toEqual(['n10', 'n9', 'n8', 'n7', 'n6', 'n5']);
	happens(11);
	await list.load();
	expect(list.shown()).toEqual(['n11', 'n10', 'n9', 'n8', 'n7', 'n6', 'n5']);
	await list.more();
	await list.more();
	expect([list.shown()?.at(-1), list.shown()?.length, list.hasMore()]).toEqual(['n1', 11, false]);
	await list.load();
	expect([list.shown()?.length, list.hasMore()]).toEqual([11, false]);

	// More than a page is new: what would lie between is not known, so it begins anew.
	for (let at = 12; at <= 15; at++) happens(at);
	await list.load();
	expect([list.shown(), list.hasMore()]).toEqual([['n15', 'n14', 'n13'], true]);
});
