import { BlockList, isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Turns `::ffff:10.0.0.1` into `10.0.0.1`, so that one machine has one name. */
const plain = (address: string) => address.trim().replace(/^::ffff:(?=\d+\.)/i, '');

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * Finds a request's own address: the connection's, unless that is a trusted proxy; then the last
 * entry of `X-Forwarded-For` that no trusted proxy wrote. Entries before it can be made up.
 * `trusted`: addresses and CIDR ranges.
 */
export function clientAddress(trusted: readonly string[]): (c: Context) => string {
	const proxies = new BlockList();
	for (const entry of trusted) {
		const [address = '', bits] = entry.split('/');
		if (bits === undefined) proxies.addAddress(address, family(address));
		else proxies.addSubnet(address, Number(bits), family(address));
	}
	const isProxy = (address: string) =>
		isIP(address) !== 0 && proxies.check(address, family(address));
	return (c) => {
		// Without a connection the request comes from within this process.
		const connection = c.env?.incoming ? (getConnInfo(c).remote.address ?? '') : '';
		let address = plain(connection);
		const forwarded = (c.req.header('X-Forwarded-For') ?? '').split(',').map(plain);
		while (isProxy(address)) {
			const previous = forwarded.pop();
			if (!previous || isIP(previous) === 0) break;
			address = previous;
		}
		return address;
	};
}
