import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Me } from '#contract/auth.ts';
import { ApiFailure } from '../../src/lib/sync/failures.ts';

/** What the browser, the server and the rest of the app are to the module. */
const around = vi.hoisted(() => ({
	kept: new Map<string, string>(),
	/** What the server was asked about who is here, to be answered by the test. */
	questions: [] as PromiseWithResolvers<unknown>[],
	open: null as null | { userId: string; teamId: string },
	opened: [] as string[],
	/** Opening takes until then. */
	opening: Promise.resolve()
}));

vi.stubGlobal('localStorage', {
	getItem: (key: string) => around.kept.get(key) ?? null,
	setItem: (key: string, value: string) => around.kept.set(key, value),
	removeItem: (key: string) => around.kept.delete(key)
});
vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		postToWorker: () => false,
		hold: (_name: string, _how: object, work: (isHeld: boolean) => Promise<void>) => work(true),
		broadcast: () => ({ post() {}, on: () => () => {}, close() {} })
	}
}));
vi.mock('../../src/lib/state/drafts.ts', () => ({ dropDrafts() {} }));
vi.mock('../../src/lib/state/lost.ts', () => ({ forgetLost: async () => {} }));
vi.mock('../../src/lib/state/account.ts', () => ({
	account: {
		me() {
			const question = Promise.withResolvers<unknown>();
			around.questions.push(question);
			return question.promise;
		},
		signOut: async () => {},
		unsubscribe: async () => {}
	}
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: {
		get current() {
			return around.open && { ...around.open, outbox: { rows: [] } };
		}
	},
	async openWorkspace({ userId, teamId }: { userId: string; teamId: string }) {
		await around.opening;
		around.open = { userId, teamId };
		around.opened.push(teamId);
	},
	closeWorkspace() {
		around.open = null;
	}
}));

const { session } = await import('../../src/lib/state/session.svelte.ts');

const ana = (firstName: string): Me =>
	({
		user: { id: 'ana', firstName },
		teams: ['north', 'south'].map((id) => ({ team: { id }, role: 'agent', permissions: [] }))
	}) as unknown as Me;

/** Asks the server who is here; the test answers. */
async function ask() {
	const before = around.questions.length;
	const done = session.refresh();
	const question = await vi.waitFor(() => {
		const [asked] = around.questions.slice(before);
		if (!asked) throw new Error('Nothing was asked.');
		return asked;
	});
	return {
		async answer(me: Me) {
			question.resolve(me);
			await done;
		},
		async refuse() {
			question.reject(new ApiFailure({ code: 'unauthenticated', message: 'Nobody.' }));
			await done;
		}
	};
}
const name = () => session.me?.user.firstName;

beforeEach(async () => {
	await session.adopt(ana('Ana'), 'north');
	around.opened = [];
	around.opening = Promise.resolve();
});

test('an answer about the person that a newer one has overtaken changes nothing', async () => {
	const [older, newer] = [await ask(), await ask()];
	await newer.answer(ana('Anna'));
	await older.answer(ana('Ana'));
	expect(name()).toBe('Anna');
	const asked = await ask();
	await session.adopt(ana('Annika'));
	await asked.answer(ana('Anna'));
	expect(name()).toBe('Annika');
});

test('what was asked before a sign-out brings nobody back', async () => {
	const asked = await ask();
	await session.signOut({ discardUnsent: true, unlessLast: false });
	await asked.answer(ana('Ana'));
	expect([session.status, session.me, around.open]).toEqual(['signed-out', null, null]);
	expect(around.kept.size).toBe(0);
});

test('who signs out while their databases open is not let in by that', async () => {
	const opening = Promise.withResolvers<void>();
	around.opening = opening.promise;
	const switched = session.switchTeam('south');
	await vi.waitFor(() => expect(around.open).toBeNull());
	await session.forget();
	opening.resolve();
	await switched;
	expect([session.status, session.me, around.open]).toEqual(['signed-out', null, null]);
});

test('a refusal of what was asked before a sign-in signs nobody out', async () => {
	const asked = await ask();
	await session.forget();
	await session.adopt(ana('Ana'));
	await asked.refuse();
	expect([session.status, name()]).toEqual(['signed-in', 'Ana']);
});

test('a team that is chosen while the server answers stays open, and the answer is kept', async () => {
	const asked = await ask();
	const answered = asked.answer(ana('Anna'));
	const switched = session.switchTeam('south');
	await Promise.all([answered, switched]);
	expect([around.open?.teamId, name()]).toEqual(['south', 'Anna']);
	await (await ask()).answer(ana('Annika'));
	expect([around.open?.teamId, name()]).toEqual(['south', 'Annika']);
	expect(around.opened).toEqual(['south']);
});
