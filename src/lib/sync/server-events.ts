export interface ServerEvent {
	event: string;
	data: string;
}

/**
 * Reads an event stream (HTML Living Standard, 9.2.6). By fetch and not by EventSource, which hides the
 * status of a refusal and reconnects when it likes. `onChunk` runs for comments too: they prove life.
 */
export async function* readServerEvents(
	body: ReadableStream<BufferSource>,
	onChunk: () => void
): AsyncGenerator<ServerEvent> {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			onChunk();
			const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
			rest = blocks.pop() ?? '';
			for (const block of blocks) {
				const event = parse(block);
				if (event) yield event;
			}
		}
	} finally {
		// Not awaited: a connection that hangs may never confirm.
		void reader.cancel().catch(() => {});
	}
}

function parse(block: string): ServerEvent | null {
	const event: ServerEvent = { event: 'message', data: '' };
	const data: string[] = [];
	for (const line of block.split('\n')) {
		const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
		if (field === 'event') event.event = value;
		if (field === 'data') data.push(value);
	}
	if (data.length === 0) return null;
	return { ...event, data: data.join('\n') };
}
