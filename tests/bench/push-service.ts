// A push service that takes everything, and the proxy that leads there, in a process of their own: so neither its
// work nor its waits are the sender's. Told to the parent: its ports, then every push that arrives.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startProxy } from '../support/push/proxy.ts';

/** Whose bodies the parent wants to see; to keep them all would cost what is timed. */
const CHECKED = '/fcm/send/checked-';

const [host = '', key = '', cert = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit());
const tls = { key: readFileSync(key), cert: readFileSync(cert) };
const server = createServer(tls, (request, response) => {
	const at = Date.now();
	if (request.url?.startsWith(CHECKED)) {
		buffer(request).then((body) => {
			response.writeHead(201).end();
			process.send?.({ body: body.toString('base64url') });
		});
		return;
	}
	request.resume().once('end', () => {
		response.writeHead(201).end();
		if (request.headers.topic) process.send?.({ topic: request.headers.topic, at });
	});
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
const proxy = await startProxy({ [host]: port });
process.send?.({ port, proxyUrl: proxy.url });
