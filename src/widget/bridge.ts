/**
 * What crosses between the host page and the frame. Each side checks the sender's origin and window
 * first and drops all else. The visitor's token stays in the frame, except as part of `keep`.
 */
export interface PageFacts {
	url: string;
	title: string;
}

export type ToFrame =
	| { bellhop: 'hello'; page: PageFacts; kept: string | null }
	| { bellhop: 'opened'; page: PageFacts; isFocused: boolean }
	| { bellhop: 'closed' };

export type FromFrame =
	| { bellhop: 'ready' }
	| { bellhop: 'close' }
	/** There is a conversation, so the next page of the site loads the frame without waiting for a hand. */
	| { bellhop: 'talking' }
	| { bellhop: 'unread'; count: number }
	/** The browser refuses storage to the frame: the page is to keep this for the tab, and say it in `hello`. */
	| { bellhop: 'keep'; text: string };

/** Whether a message is one of ours at all; its fields are read with care by the receiver. */
export const isBellhop = (data: unknown): data is { bellhop: string } =>
	typeof data === 'object' && data !== null && 'bellhop' in data;
