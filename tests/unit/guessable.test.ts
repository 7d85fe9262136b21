import { describe, expect, test } from 'vitest';
import { refuseGuessable } from '../../api/domain/account/guessable.ts';

const ann = {
	email: 'ann.lee@tideline.example',
	firstName: 'Ann',
	lastName: 'Lee',
	teamNames: ['Tideline Kayaks', 'Harbour Bikes']
};
const isRefused = (password: string, known = ann): boolean => {
	try {
		refuseGuessable(password, known);
		return false;
	} catch (error) {
		expect(error).toMatchObject({ kind: 'invalid', detail: { field: 'password' } });
		return true;
	}
};

describe('a password is refused', () => {
	test.each(['1234567890', 'qwertyuiop', 'Password123', '1q2w3e4r5t', 'MANCHESTER', 'basketball'])(
		'that everybody has: %s',
		(password) => expect(isRefused(password)).toBe(true)
	);

	test('that stands far down the list of leaked ones', () => {
		for (const password of ['toutounette', 'totalcommander'])
			expect(isRefused(password)).toBe(true);
	});

	test.each([
		...['Bellhop2026!', 'bellhop-support', 'Admin.Admin.1', 'welcome!!welcome'],
		...[
			'annlee1234',
			'Lee.Ann.2026',
			'ann.lee@tideline.example',
			'tideline-kayaks',
			'Kayaks!2026',
			'harbour-bikes'
		]
	])('that is made of words of this place or the person: %s', (password) =>
		expect(isRefused(password)).toBe(true)
	);

	test.each(['NFC', 'NFD'])('that is made of them, composed as %s', (form) => {
		for (const other of ['NFC', 'NFD'])
			expect(
				isRefused('élysée2026!'.normalize(form), {
					...ann,
					teamNames: ['Tideline', 'Élysée Vélo'.normalize(other)]
				})
			).toBe(true);
	});

	test.each(['aaaaaaaaaaaa', '!!!!!!!!!!!'])('of one character: %s', (password) =>
		expect(isRefused(password)).toBe(true)
	);
});

test.each([
	...['seven wet umbrellas', 'eight dry umbrellas', 'support umbrella walrus'],
	...['83726194055127', 'дощові парасольки', 'x'.repeat(500) + 'y'.repeat(500), 'aB3$kkQz!9wL']
])('any other of any characters is taken: %s', (password) =>
	expect(isRefused(password)).toBe(false)
);

test('a name of two letters forbids nothing', () => {
	expect(isRefused('li-8372619405', { ...ann, firstName: 'Li' })).toBe(false);
});
