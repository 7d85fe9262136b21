/** How long an undo is offered. */
export const TOAST_MS = 6_000;

export interface Toast {
	text: string;
	/** The way back; its button reads "Undo". */
	undo?: () => void;
}

let current = $state<Toast | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** The one toast of the app: a newer one takes the place of the last. */
export const toast = {
	get current(): Toast | null {
		return current;
	},
	show(next: Toast): void {
		clearTimeout(timer);
		current = next;
		timer = setTimeout(() => toast.dismiss(), TOAST_MS);
	},
	dismiss(): void {
		clearTimeout(timer);
		current = null;
	}
};
