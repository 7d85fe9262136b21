import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type Proxy = Awaited<ReturnType<typeof startProxy>>;

/**
 * The application server's only way out, by CONNECT: `routes` leads host names to local ports, everything else is
 * refused and recorded.
 */
export async function startProxy(routes: Record<string, number>) {
	const refused: string[] = [];
	/** The targets of every connection made. */
	const connected: string[] = [];
	const open = new Set<Socket>();
	const server = createServer((_, response) => response.writeHead(405).end());
	server.on('connect', (request, client: Socket) => {
		const target = request.url ?? '';
		const [host = '', wanted] = target.split(':');
		const port = wanted === '443' ? routes[host] : undefined;
		if (port === undefined) {
			refused.push(target);
			client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			return;
		}
		connected.push(target);
		const upstream = connect(port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 OK\r\n\r\n');
			upstream.pipe(client).pipe(upstream);
		});
		for (const socket of [client, upstream]) {
			open.add(socket);
			socket.on('close', () => open.delete(socket));
			socket.on('error', () => {
				client.destroy();
				upstream.destroy();
			});
		}
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		refused,
		connected,
		close() {
			for (const socket of open) socket.destroy();
			server.close();
		}
	};
}
