import { expect, it } from 'vitest';
import { allowSteps } from '../../src/lib/push/allow-steps.ts';

const AGENTS: Record<string, string> = {
	'On iPhone and iPad':
		'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
	'In Firefox on Android': 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
	'In Samsung Internet':
		'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
	'In Chrome on Android':
		'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
	'In Firefox': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
	'In Edge':
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
	'In Chrome':
		'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
	'In Safari on Mac':
		'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'
};

it.each(Object.entries(AGENTS))('%s, three steps allow notifications again', (place, agent) => {
	const found = allowSteps(agent);
	expect(found.place).toBe(place);
	expect(found.steps).toHaveLength(3);
	expect(new Set(found.steps).size).toBe(3);
});

it('a browser nobody knows still gets three steps', () => {
	const { place, steps } = allowSteps('Lynx/2.9');
	expect(place).toBe('In this browser');
	expect(steps).toHaveLength(3);
});

it('an iPad that calls itself a Mac is told by its fingers', () => {
	const agent = AGENTS['In Safari on Mac'] ?? '';
	expect(allowSteps(agent, 5).place).toBe('On iPhone and iPad');
	expect(allowSteps(agent, 0).place).toBe('In Safari on Mac');
});
