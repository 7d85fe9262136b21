import type { NotificationEventName } from '#contract/notifications.ts';

interface Strike {
	/** Seconds after the start. */
	at: number;
	/** Of the lowest tone, in Hz. */
	pitch: number;
	/** Seconds until it has died away. */
	length: number;
}

/** A desk bell struck twice, for a visitor who waits. */
const BELL: readonly Strike[] = [
	{ at: 0, pitch: 1046.5, length: 1.1 },
	{ at: 0.22, pitch: 1046.5, length: 1.6 }
];
/** One soft, lower knock, for everything else. */
const KNOCK: readonly Strike[] = [{ at: 0, pitch: 587.3, length: 0.45 }];
/** A bell's overtones are no whole multiples, which is what makes it a bell: ratio and loudness. */
const OVERTONES = [
	[1, 0.5],
	[2.76, 0.22],
	[5.4, 0.09]
] as const;
const LOUDNESS = 0.35;
/** A browser that means to let it sound does so at once. */
const PATIENCE_MS = 300;

let context: AudioContext | undefined;

/** Lets this page sound, from the person's press; resolves with whether it may now. */
export async function wakeSound(): Promise<boolean> {
	context ??= new AudioContext();
	if (context.state !== 'running') {
		const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
		await Promise.race([context.resume().catch(() => undefined), late]);
	}
	return context.state === 'running';
}

/**
 * Made here, without files. Resolves with whether it sounded: a browser keeps a page silent until somebody has
 * pressed something in it.
 */
export async function playSound(event: NotificationEventName): Promise<boolean> {
	if (!(await wakeSound()) || !context) return false;
	const strikes = event === 'escalation' || event === 'unanswered' ? BELL : KNOCK;
	for (const strike of strikes) ring(context, strike);
	return true;
}

function ring(audio: AudioContext, { at, pitch, length }: Strike): void {
	const start = audio.currentTime + at;
	for (const [ratio, loudness] of OVERTONES) {
		const tone = audio.createOscillator();
		const fade = audio.createGain();
		tone.frequency.value = pitch * ratio;
		fade.gain.setValueAtTime(LOUDNESS * loudness, start);
		// Higher tones die sooner.
		fade.gain.exponentialRampToValueAtTime(0.0001, start + length / Math.sqrt(ratio));
		tone.connect(fade).connect(audio.destination);
		tone.start(start);
		tone.stop(start + length);
	}
}
