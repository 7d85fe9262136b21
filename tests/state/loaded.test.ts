import { expect, test } from 'vitest';
import { Loaded } from '../../src/lib/state/loaded.svelte.ts';
import { Offline } from '../../src/lib/sync/failures.ts';

/** A list whose answers arrive when the test says so. */
function newList() {
	let key = 'all';
	const questions: PromiseWithResolvers<string>[] = [];
	const list = new Loaded(
		() => key,
		() => {
			const question = Promise.withResolvers<string>();
			questions.push(question);
			return question.promise;
		}
	);
	return {
		list,
		ask(of: string) {
			key = of;
			const done = list.load();
			const question = questions.at(-1);
			if (!question) throw new Error('Nothing was asked.');
			return {
				async answer(value: string) {
					question.resolve(value);
					await done;
				},
				async fail() {
					question.reject(new Offline());
					await done;
				}
			};
		}
	};
}

test('the answer to what was asked last stands, though an earlier one arrives after it', async () => {
	const { list, ask } = newList();
	const [all, ben] = [ask('all'), ask('ben')];
	await ben.answer('what Ben did');
	await all.answer('everything');
	expect(list.value).toBe('what Ben did');
	const [before, after] = [ask('ben'), ask('ben')];
	await after.answer('what Ben has done since');
	await before.answer('what Ben did');
	expect(list.value).toBe('what Ben has done since');
});

test('a failure of an earlier question says nothing about a later one', async () => {
	const { list, ask } = newList();
	const [earlier, later] = [ask('all'), ask('all')];
	await later.answer('everything');
	await earlier.fail();
	expect([list.value, list.failure]).toEqual(['everything', null]);
});

test('an earlier answer is shown as long as a later one has not arrived', async () => {
	const { list, ask } = newList();
	const [earlier, later] = [ask('all'), ask('all')];
	await earlier.answer('everything');
	expect(list.value).toBe('everything');
	await later.fail();
	expect(list.value).toBe('everything');
	expect(list.failure).toBeInstanceOf(Offline);
});

test('what was asked before a change does not take the change back', async () => {
	const { list, ask } = newList();
	const asked = ask('all');
	list.set('with the change');
	await asked.answer('without it');
	expect(list.value).toBe('with the change');
});

test('a next page that comes behind another filter’s answer is not added to it', async () => {
	const { list, ask } = newList();
	await ask('all').answer('everything');
	const page = Promise.withResolvers<string>();
	const extended = list.extend(async (before) => `${before} ${await page.promise}`);
	const filtered = ask('ben');
	page.resolve('and older');
	await extended;
	expect(list.value).toBeNull();
	await filtered.answer('what Ben did');
	expect(list.value).toBe('what Ben did');
});

test('a next page is added to what was there when it was asked for', async () => {
	const { list, ask } = newList();
	await ask('all').answer('everything');
	await list.extend(async (before) => `${before} and older`);
	expect(list.value).toBe('everything and older');
	const page = Promise.withResolvers<string>();
	const extended = list.extend(async (before) => `${before} ${await page.promise}`);
	await ask('all').answer('everything anew');
	page.resolve('and older still');
	await extended;
	expect(list.value).toBe('everything anew');
});
