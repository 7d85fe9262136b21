/** A bell that keeps one ring for whoever listens next, so that none between two looks is missed. */
export interface Bell {
	ring(): void;
	/** Until it rings, `ms` are over, or the signal fires. */
	wait(signal: AbortSignal, ms?: number): Promise<void>;
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
					const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
					wake = () => {
						clearTimeout(timer);
						resolve();
					};
					signal.addEventListener('abort', wake, { once: true });
				});
			if (wake) signal.removeEventListener('abort', wake);
			wake = undefined;
			isRung = false;
		}
	};
}
