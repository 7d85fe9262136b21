/** A form with changes that are not saved. */
interface Form {
	discard(): void;
}

let forms: readonly Form[] = [];
let answer = $state.raw<((isGo: boolean) => void) | null>(null);

/** Asks before changes that are not saved are left behind. */
export const unsaved = {
	/** The form that is to put the question, while there is one. */
	get asked(): Form | null {
		return answer ? (forms[0] ?? null) : null;
	},
	/** Until the returned function is called, leaving asks first. */
	hold(form: Form): () => void {
		forms = [...forms, form];
		return () => {
			forms = forms.filter((other) => other !== form);
			if (forms.length === 0) unsaved.answer(true);
		};
	},
	/** Resolves with whether to go on: at once where nothing would be lost, else as the person says. */
	mayGo(): Promise<boolean> {
		if (forms.length === 0) return Promise.resolve(true);
		answer?.(false);
		return new Promise((resolve) => {
			answer = resolve;
		});
	},
	/** Going discards what is not saved. */
	answer(isGo: boolean): void {
		const settle = answer;
		answer = null;
		if (settle && isGo) for (const form of forms) form.discard();
		settle?.(isGo);
	}
};
