import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { clientAddress } from '../../api/http/client-address.ts';

const TRUSTED = ['10.0.0.0/8', '192.168.1.7', 'fd00::/8'];

/** What a server with these proxies takes for the sender of a request. */
async function addressOf(connection: string, forwarded?: string, trusted = TRUSTED) {
	const address = clientAddress(trusted);
	const app = new Hono().get('/', (c) => c.text(address(c)));
	const headers = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded };
	const env = { incoming: { socket: { remoteAddress: connection } } };
	return (await app.request('/', { headers }, env)).text();
}

test.each([
	['a direct connection', '203.0.113.9', undefined, '203.0.113.9'],
	['a direct connection that claims another', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
	['a trusted proxy', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
	['a proxy trusted by its address', '192.168.1.7', '198.51.100.1', '198.51.100.1'],
	['its neighbour', '192.168.1.8', '198.51.100.1', '192.168.1.8'],
	['a client that prepends an address', '10.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
	['two trusted proxies', '10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
	['a proxy that sends nothing', '10.0.0.1', undefined, '10.0.0.1'],
	['a proxy that sends no address', '10.0.0.1', 'unknown', '10.0.0.1'],
	['IPv6', 'fd00::1', '2001:db8::5', '2001:db8::5'],
	['IPv4 written as IPv6', '::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1']
])('behind %s', async (_, connection, forwarded, expected) => {
	expect(await addressOf(connection, forwarded)).toBe(expected);
});

test('nothing is believed where no proxy is trusted', async () => {
	expect(await addressOf('10.0.0.1', '198.51.100.1', [])).toBe('10.0.0.1');
});
