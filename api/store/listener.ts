import pg from 'pg';

/** A connection of its own for LISTEN and NOTIFY; it comes back by itself when it is lost. */
export interface Listener {
	/** Rejects while the connection is away. */
	notify(payload: string): Promise<void>;
	close(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Listens on `channel` (a plain identifier). `url` must lead to the server itself: a pooler drops LISTEN.
 * `onConnected` runs after every connect, the first one too: what was notified before it is lost.
 */
export function openListener(options: {
	url: string;
	channel: string;
	onPayload: (payload: string) => void;
	onConnected: () => void;
}): Listener {
	const { url, channel } = options;
	let client: pg.Client | undefined;
	let retry: NodeJS.Timeout | undefined;
	let isClosed = false;

	const again = (waitMs: number) => {
		client = undefined;
		clearTimeout(retry);
		if (!isClosed) retry = setTimeout(() => void connect(waitMs), waitMs);
	};

	async function connect(waitMs: number): Promise<void> {
		const next = new pg.Client({ connectionString: url, keepAlive: true });
		let isLost = false;
		const lose = () => {
			if (isLost) return;
			isLost = true;
			again(Math.min(waitMs * 2, LAST_RETRY_MS));
		};
		next.on('error', lose);
		next.on('end', lose);
		next.on('notification', (message) => options.onPayload(message.payload ?? ''));
		try {
			await next.connect();
			await next.query(`listen ${channel}`);
		} catch {
			lose();
			return;
		}
		if (isClosed || isLost) {
			await next.end().catch(() => undefined);
			return;
		}
		client = next;
		waitMs = FIRST_RETRY_MS;
		options.onConnected();
	}
	void connect(FIRST_RETRY_MS);

	return {
		async notify(payload) {
			if (!client) throw new Error('the listening connection is away');
			await client.query({
				name: 'notify',
				text: 'select pg_notify($1, $2)',
				values: [channel, payload]
			});
		},
		async close() {
			isClosed = true;
			clearTimeout(retry);
			await client?.end().catch(() => undefined);
		}
	};
}
