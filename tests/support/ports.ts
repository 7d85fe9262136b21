import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/**
 * Below the ports that Linux (32768 to 60999), macOS and Windows (49152 and above) hand out by themselves: a server that
 * stops and starts again finds its own port untaken by whoever has connected somewhere meanwhile. Browsers open all of it.
 */
const RANGE = [12_000, 32_000] as const;
const TRIES = 1_000;

/** So many ports of loopback on which nothing listens, all different: this process's own until it ends. */
export async function freePorts(count: number): Promise<number[]> {
	const ports: number[] = [];
	for (let tries = 0; ports.length < count; tries++) {
		if (tries === TRIES) throw new Error(`no free port from ${RANGE.join(' to ')}`);
		const port = randomInt(...RANGE);
		if ((await isReserved(port)) && (await isFree(port))) ports.push(port);
	}
	return ports;
}

/** Tests that run beside this one ask for the UDP port of the same number first; the TCP port stays for the server. */
async function isReserved(port: number): Promise<boolean> {
	const claim = createSocket('udp4').unref();
	claim.bind({ port, address: LOOPBACK, exclusive: true });
	return once(claim, 'listening').then(
		() => true,
		() => {
			claim.close();
			return false;
		}
	);
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer().listen(port, LOOPBACK);
	const isListening = await once(server, 'listening').then(
		() => true,
		() => false
	);
	if (isListening) await new Promise((resolve) => server.close(resolve));
	return isListening;
}
