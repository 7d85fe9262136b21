import type { FileChooser, Locator, Page } from 'playwright-core';
import { vi } from 'vitest';

/** More steps than any page has. */
const STEPS = 250;
const PATIENCE = { timeout: 90_000, interval: 50 };

/** Works a page as somebody without a mouse: what is to be pressed or filled has to be reached first. */
export class Keys {
	readonly page: Page;
	#choosers: FileChooser[] = [];
	constructor(page: Page) {
		this.page = page;
		// Listened to all the time: Chromium is told to hand a dialog over only while somebody listens.
		page.on('filechooser', (chooser) => this.#choosers.push(chooser));
	}

	/** Presses a key until the element has the focus. */
	async to(target: Locator, key = 'Tab'): Promise<void> {
		await target.waitFor();
		for (let step = 0; step < STEPS; step++) {
			if (await target.evaluate((element) => element === document.activeElement)) return;
			await this.page.keyboard.press(key);
		}
		throw new Error(`${key} does not lead to ${target}`);
	}

	async press(target: Locator, key = 'Enter'): Promise<void> {
		await this.to(target);
		await this.page.keyboard.press(key);
	}

	button(name: string | RegExp, within: Page | Locator = this.page): Locator {
		return within.getByRole('button', { name, exact: typeof name === 'string' });
	}
	field(label: string | RegExp, within: Page | Locator = this.page): Locator {
		return within.getByLabel(label, { exact: typeof label === 'string' });
	}
	get dialog(): Locator {
		return this.page.getByRole('dialog');
	}
	get question(): Locator {
		return this.page.getByRole('alertdialog');
	}

	/** Writes in place of what the field holds. */
	async fill(label: string | RegExp, text: string): Promise<void> {
		await this.to(this.field(label));
		await this.page.keyboard.press('ControlOrMeta+A');
		if (text) await this.page.keyboard.insertText(text);
		else await this.page.keyboard.press('Delete');
	}

	/**
	 * Chooses in a closed list the first that begins so. By its arrows: of letters more than a second apart, as on a busy
	 * machine, each begins another word.
	 */
	async choose(label: string, option: string): Promise<void> {
		const list = this.field(label);
		await this.to(list);
		const wanted = list.locator('option', { hasText: new RegExp(`^\\s*${option}`) }).first();
		await wanted.waitFor({ state: 'attached' });
		const stepsTo = () =>
			wanted.evaluate(
				(one) =>
					(one as HTMLOptionElement).index -
					(one.closest('select') as HTMLSelectElement).selectedIndex
			);
		for (let left = await stepsTo(); left !== 0; left = await stepsTo())
			await this.page.keyboard.press(left > 0 ? 'ArrowDown' : 'ArrowUp');
		// Firefox takes it over with the next key.
		await this.page.keyboard.press('Tab');
	}

	/** Opens a menu and chooses in it. */
	async pick(button: Locator, item: string | RegExp): Promise<void> {
		await this.press(button);
		const entry = this.page.getByRole('menu').locator('[role^=menuitem]', { hasText: item });
		await this.to(entry, 'ArrowDown');
		await this.page.keyboard.press('Enter');
	}

	/** Presses the button that opens the system's own dialog for files. */
	async openFiles(button: Locator): Promise<FileChooser> {
		await this.press(button);
		return vi.waitUntil(() => this.#choosers.shift(), PATIENCE);
	}

	async signIn(who: { origin: string; email: string; password: string }): Promise<void> {
		await this.page.goto(`${who.origin}/sign-in`);
		await this.signInHere(who);
	}
	/** The same where the page has led to it by itself. */
	async signInHere(who: { email: string; password: string }): Promise<void> {
		await this.fill('Email', who.email);
		await this.fill('Password', who.password);
		await this.page.keyboard.press('Enter');
		await this.page.getByRole('heading', { name: 'Live Chat' }).first().waitFor();
	}
}
