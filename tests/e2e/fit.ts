import type { Page } from 'playwright-core';

/** A finger's target, less what rounding takes. */
const TARGET = 43.5;

/** How far the page can be pushed sideways, and what sticks out of the window where nothing scrolls by itself. */
export const sideways = (page: Page): Promise<string[]> =>
	page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		const out = [...document.querySelectorAll('body *')].filter((element) => {
			const { left, right, width } = element.getBoundingClientRect();
			const isCut = element.closest('.sr, .clip, svg, fieldset') !== null;
			return width > 0 && !isCut && (left < -1 || right > innerWidth + 1);
		});
		const pushed = scrollWidth > clientWidth ? [`the page, by ${scrollWidth - clientWidth}`] : [];
		return [...pushed, ...out.map((element) => element.outerHTML.slice(0, 120))];
	});

/** Buttons and links a finger would miss: how far from their middle a touch still meets them, both ways summed. */
export const smallTargets = (page: Page): Promise<string[]> =>
	page.evaluate((least) => {
		const targets = (
			document.querySelector('[role=menu]') ?? document
		).querySelectorAll<HTMLElement>(
			'a[href], button, input, textarea, [role=menuitem], [role=menuitemradio], [role=switch]'
		);
		const reach = (target: HTMLElement, [x, y]: [number, number], [dx, dy]: [number, number]) => {
			let far = 0;
			while (far < least) {
				const met = document.elementFromPoint(x + dx * (far + 0.5), y + dy * (far + 0.5));
				if (!met || !target.contains(met)) break;
				far += 0.5;
			}
			return far;
		};
		const found: string[] = [];
		for (const one of targets) {
			// Its label presses a field as well.
			const target = (one instanceof HTMLInputElement && one.closest('label')) || one;
			// A link in a sentence is as high as its line.
			if (!target.checkVisibility({ visibilityProperty: true }) || target.closest('p, .sr'))
				continue;
			target.scrollIntoView({ block: 'center', inline: 'center' });
			const { left, top, width, height } = target.getBoundingClientRect();
			const middle: [number, number] = [left + width / 2, top + height / 2];
			const wide = reach(target, middle, [-1, 0]) + reach(target, middle, [1, 0]);
			const high = reach(target, middle, [0, -1]) + reach(target, middle, [0, 1]);
			if (Math.min(wide, high) < least)
				found.push(`${wide} x ${high}: ${target.outerHTML.slice(0, 160)}`);
		}
		return found;
	}, TARGET);
