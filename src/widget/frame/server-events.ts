/** One server-sent event, as far as the widget reads them. */
export interface ServerEvent {
	event: string;
	data: string;
}

function parseBlock(block: string): ServerEvent | null {
	let event = 'message';
	const data: string[] = [];
	for (const line of block.split('\n')) {
		const [, field, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
		if (field === 'event') event = value;
		else if (field === 'data') data.push(value);
	}
	return data.length > 0 ? { event, data: data.join('\n') } : null;
}

/**
 * Reads an event stream (HTML standard, section 9.2.6) from a fetch, which unlike EventSource can
 * carry an Authorization header. `alive` is called for every chunk, comments included.
 */
export async function* serverEvents(
	body: ReadableStream<Uint8Array>,
	alive: () => void
): AsyncGenerator<ServerEvent> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = '';
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			alive();
			const blocks = (rest + decoder.decode(value, { stream: true }))
				.replaceAll('\r\n', '\n')
				.split('\n\n');
			rest = blocks.pop() ?? '';
			for (const block of blocks) {
				const event = parseBlock(block);
				if (event) yield event;
			}
		}
	} finally {
		reader.cancel().catch(() => undefined);
	}
}
