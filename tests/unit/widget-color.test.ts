import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brandColors, contrast } from '../../src/widget/color.ts';

const SURFACE = { light: '#ffffff', dark: '#11191c' };
const hex = fc
	.integer({ min: 0, max: 0xffffff })
	.map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('contrast', () => {
	test('is what WCAG says it is', () => {
		expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
		expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
		expect(contrast('#abc', '#aabbcc')).toBe(1);
	});
});

describe.each(['light', 'dark'] as const)('the colours derived for the %s theme', (theme) => {
	test('are readable for every brand colour there is', () => {
		fc.assert(
			fc.property(hex, (color) => {
				const { brand, onBrand, brandInk, brandSoft } = brandColors(color, theme);
				expect(contrast(onBrand, brand)).toBeGreaterThanOrEqual(4.5);
				expect(contrast(brandInk, SURFACE[theme])).toBeGreaterThanOrEqual(4.5);
				expect(contrast(brandInk, brandSoft)).toBeGreaterThanOrEqual(4.5);
			}),
			{ numRuns: 2000 }
		);
	});
});

describe('the brand itself', () => {
	test('stays as the team chose it on light', () => {
		expect(brandColors('#0e6f74', 'light').brand).toBe('#0e6f74');
		expect(brandColors('#fd0', 'light')).toMatchObject({ brand: '#ffdd00', onBrand: '#000000' });
	});

	test('is lightened on dark until it stands out', () => {
		fc.assert(
			fc.property(hex, (color) => {
				const { brand } = brandColors(color, 'dark');
				expect(contrast(brand, SURFACE.dark)).toBeGreaterThanOrEqual(4.5);
			})
		);
		expect(brandColors('#ffdd00', 'dark').brand).toBe('#ffdd00');
	});

	test.each(['', 'teal', '#12', '#1234567', 'url(x)'])('is the product’s teal for %j', (color) => {
		expect(brandColors(color, 'light').brand).toBe('#0e6f74');
	});
});
