/** A bell that keeps one ring for whoever listens next, so that none between two looks is missed. */
export interface Bell {
	ring(): void;
	/** Until it rings (true), or `ms` are over or the signal fires (false). */
	wait(signal: AbortSignal, ms?: number): Promise<boolean>;
}

export function createBell(): Bell {
	let isRung = false;
	let wake: (() => void) | undefined;
	return {
		ring() {
			isRung = true;
			wake?.();
		},
		async wait(signal, ms) {
			if (!isRung && !signal.aborted)
				await new Promise<void>((resolve) => {
					const end = () => {
						clearTimeout(timer);
						signal.removeEventListener('abort', end);
						wake = undefined;
						resolve();
					};
					const timer = ms === undefined ? undefined : setTimeout(end, ms);
					wake = end;
					signal.addEventListener('abort', end);
				});
			const wasRung = isRung;
			isRung = false;
			return wasRung;
		}
	};
}
