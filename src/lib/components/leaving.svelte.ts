import { session, UnsentText } from '$lib/state/session.svelte.ts';
import { toast } from '$lib/ui/toast.svelte.ts';
import { failureText } from './failure.ts';
import { goingOffline } from './going-offline.svelte.ts';
import { unsaved } from './unsaved.svelte.ts';

let unsentCount = $state(0);
let isBusy = $state(false);

async function signOut(discardUnsent: boolean): Promise<void> {
	isBusy = true;
	try {
		await goingOffline.signOut((unlessLast) => session.signOut({ discardUnsent, unlessLast }));
		unsentCount = 0;
	} catch (error) {
		if (error instanceof UnsentText) unsentCount = error.count;
		else toast.show({ text: failureText(error) });
	} finally {
		isBusy = false;
	}
}

/** Signing out, which asks first while something written here has not been delivered, or visitors were left alone. */
export const leaving = {
	/** How many messages would be lost; above zero the question is open. */
	get unsentCount(): number {
		return unsentCount;
	},
	get isBusy(): boolean {
		return isBusy;
	},
	async ask(): Promise<void> {
		if (await unsaved.mayGo()) await signOut(false);
	},
	discard: (): Promise<void> => signOut(true),
	stay(): void {
		unsentCount = 0;
	}
};
