/**
 * What crosses between the host page and the frame. Each side checks the sender's origin and window
 * first and drops all else. Nothing secret crosses: the visitor's token never leaves the frame.
 */
export interface PageFacts {
	url: string;
	title: string;
}

export type ToFrame =
	| { bellhop: 'hello'; page: PageFacts }
	| { bellhop: 'opened'; page: PageFacts; isFocused: boolean }
	| { bellhop: 'closed' };

export type FromFrame =
	| { bellhop: 'ready' }
	| { bellhop: 'close' }
	/** There is a conversation, so the next page of the site loads the frame without waiting for a hand. */
	| { bellhop: 'talking' }
	| { bellhop: 'unread'; count: number };

/** Whether a message is one of ours at all; its fields are read with care by the receiver. */
export const isBellhop = (data: unknown): data is { bellhop: string } =>
	typeof data === 'object' && data !== null && 'bellhop' in data;
