/**
 * Follows a notification that was pressed while this page was open: the worker has focused it and names the path.
 * Returns the way to stop.
 */
export function onOpen(follow: (path: string) => void): () => void {
	const worker = navigator.serviceWorker;
	const listen = ({ data, ports }: MessageEvent<{ type?: unknown; path?: unknown } | null>) => {
		if (data?.type !== 'open' || typeof data.path !== 'string') return;
		ports[0]?.postMessage('followed');
		follow(data.path);
	};
	worker?.addEventListener('message', listen);
	return () => worker?.removeEventListener('message', listen);
}
