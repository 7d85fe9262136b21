import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * The push services of the browsers in use: hosts, and suffixes (with a leading dot) below which every host is theirs.
 * Sources: WebKit's, Mozilla's and Microsoft's push documentation; jmt17.google.com is Chromium's staging service.
 */
const PUSH_HOSTS = [
	'fcm.googleapis.com',
	'jmt17.google.com',
	'updates.push.services.mozilla.com',
	'.push.services.mozilla.com',
	'web.push.apple.com',
	'.push.apple.com',
	'.notify.windows.com'
];

/** Why an endpoint is refused; null when pushes may go there. */
export type EndpointRefusal =
	| 'not a URL'
	| 'not https'
	| 'has user info'
	| 'another port than 443'
	| 'not a plain host name'
	| 'not a push service';

/** One label of a host name in ASCII. `xn--` labels are refused: no push service has one, look-alikes do. */
const LABEL = /^(?!xn--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const HTTPS = 'https://';

/** Judges a URL that pushes or webhooks are to go to, whoever has named it. */
export function refuseUrl(given: string): EndpointRefusal | null {
	// The URL parser drops tabs, line breaks and backslashes, and reads `https:host` as a host: what is left after it
	// is not what was sent. A browser's own endpoint comes through unchanged.
	const url = URL.parse(given);
	if (!url) return 'not a URL';
	if (url.protocol !== 'https:') return 'not https';
	if (url.username !== '' || url.password !== '') return 'has user info';
	if (url.port !== '') return 'another port than 443';
	const isPlain = isPlainHost(url.hostname) && given.startsWith(`${HTTPS}${url.hostname}/`);
	return isPlain ? null : 'not a plain host name';
}

/**
 * Judges the URL of a push subscription, which comes from a browser and is therefore anybody's word.
 * `extraHosts` are lower-case host names, or suffixes with a leading dot, that the operator added.
 */
export function refuseEndpoint(
	endpoint: string,
	extraHosts: readonly string[] = []
): EndpointRefusal | null {
	const refusal = refuseUrl(endpoint);
	if (refusal) return refusal;
	// It stands there as the parser reads it, or it would have been refused.
	const host = endpoint.slice(HTTPS.length, endpoint.indexOf('/', HTTPS.length));
	const isOf = (entry: string) => isBelow(host, entry);
	return PUSH_HOSTS.some(isOf) || extraHosts.some(isOf) ? null : 'not a push service';
}

/** `entry` is a host, or a suffix with a leading dot: then every host below it, itself not included. */
const isBelow = (host: string, entry: string): boolean =>
	entry.startsWith('.') ? host.endsWith(entry) && host.length > entry.length : host === entry;

function isPlainHost(host: string): boolean {
	const labels = host.split('.');
	// The parser has already turned every notation of an IPv4 address (0x7f.1, 2130706433) into the dotted one.
	return isIP(host) === 0 && labels.length > 1 && labels.every((label) => LABEL.test(label));
}

/** Addresses that are not on the public internet (IANA's special-purpose registries). */
const PRIVATE = new BlockList();
for (const [net, bits] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4]
] as const)
	PRIVATE.addSubnet(net, bits, 'ipv4');

/** Of IPv6 only global unicast (2000::/3) is public, less what is carved out of it. */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
	['2001::', 23], // protocol assignments, Teredo among them
	['2001:db8::', 32],
	['2002::', 16], // 6to4 carries an IPv4 address, private ones too
	['3fff::', 20]
] as const)
	PRIVATE.addSubnet(net, bits, 'ipv6');

export interface Address {
	address: string;
	family: number;
}

/** Whether a connection to it leaves for the public internet. */
export function isPublicAddress({ address, family }: Address): boolean {
	if (family === 6) return GLOBAL_IPV6.check(address, 'ipv6') && !PRIVATE.check(address, 'ipv6');
	return isIP(address) === 4 && !PRIVATE.check(address, 'ipv4');
}

/** Every address of a host name. */
export type Resolve = (host: string) => Promise<Address[]>;

const resolveBySystem: Resolve = (host) => lookup(host, { all: true, verbatim: true });

/** The name of a push service led into a private network, or nowhere. */
export class PrivateAddressError extends Error {
	readonly code = 'PRIVATE_ADDRESS';
	constructor(host: string) {
		super(`${host} does not resolve to public addresses alone`);
		this.name = 'PrivateAddressError';
	}
}

/**
 * The addresses to connect to. One private address among them refuses them all: a real push service has none.
 * @throws PrivateAddressError
 */
export async function resolvePublic(
	host: string,
	resolve: Resolve = resolveBySystem
): Promise<[Address, ...Address[]]> {
	const [first, ...rest] = await resolve(host);
	if (!first || ![first, ...rest].every(isPublicAddress)) throw new PrivateAddressError(host);
	return [first, ...rest];
}

/**
 * The `lookup` of a connection, so that the address checked is the very address connected to:
 * nothing is resolved a second time that could have changed in between.
 */
export function pinnedLookup(resolve: Resolve = resolveBySystem): LookupFunction {
	return (host, options, done) => {
		resolvePublic(host, resolve).then(
			(addresses) => {
				if (options.all) done(null, addresses);
				else done(null, addresses[0].address, addresses[0].family);
			},
			(error) => done(error, '', 0)
		);
	};
}
