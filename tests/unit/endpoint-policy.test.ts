import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
	type Address,
	isPublicAddress,
	pinnedLookup,
	refuseEndpoint,
	resolvePublic
} from '../../api/push/endpoint-policy.ts';

const GOOD = [
	'https://fcm.googleapis.com/fcm/send/abc:APA91b-_x',
	'https://fcm.googleapis.com/wp/abc:APA91b',
	'https://jmt17.google.com/fcm/send/abc',
	'https://updates.push.services.mozilla.com/wpush/v2/gAAAA-_x',
	'https://updates-autopush.stage.push.services.mozilla.com/wpush/v2/x',
	'https://web.push.apple.com/QGuQyavXutnMH',
	'https://api.push.apple.com/x',
	'https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d',
	'https://sg2p.notify.windows.com/w/?token=x'
];

const HOSTILE: [reason: string, urls: string[]][] = [
	[
		'not a URL',
		['', 'fcm.googleapis.com/x', '//fcm.googleapis.com/x', 'https://', 'https://[::1/x']
	],
	[
		'not https',
		[
			'http://fcm.googleapis.com/x',
			'ws://fcm.googleapis.com/x',
			'file:///etc/passwd',
			'gopher://fcm.googleapis.com/x',
			'data:text/plain,https://fcm.googleapis.com/',
			'javascript:alert(1)'
		]
	],
	[
		'has user info',
		[
			'https://fcm.googleapis.com@evil.example/x',
			'https://fcm.googleapis.com:443@evil.example/x',
			'https://user:secret@fcm.googleapis.com/x',
			'https://evil.example%2f@fcm.googleapis.com/x'
		]
	],
	[
		'another port than 443',
		[
			'https://fcm.googleapis.com:8443/x',
			'https://fcm.googleapis.com:22/x',
			'https://web.push.apple.com:80/x'
		]
	],
	[
		'not a plain host name',
		[
			'https://fcm.googleapis.com:443/x',
			'https://fcm.googleapis.com:/x',
			'https://fcm.googleapis.com./x',
			'https://fcm.googleapis.com../x',
			'https://127.0.0.1/x',
			'https://127.1/x',
			'https://2130706433/x',
			'https://0x7f000001/x',
			'https://0177.0.0.1/x',
			'https://127.0.0.1./x',
			'https://[::1]/x',
			'https://[::ffff:127.0.0.1]/x',
			'https://[fe80::1]/x',
			'https://169.254.169.254/latest/meta-data',
			'https://localhost/x',
			'https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/x',
			'https:fcm.googleapis.com/x',
			'https:\\\\fcm.googleapis.com\\x',
			'https:///fcm.googleapis.com/x',
			'https://fcm.google\tapis.com/x',
			'https://fcm.googleapis.com\n/x',
			' https://fcm.googleapis.com/x',
			'https://FCM.googleapis.com/x',
			'HTTPS://fcm.googleapis.com/x',
			'https://fcm%2egoogleapis.com/x',
			'https://fcm.g\u{43e}\u{43e}gleapis.com/x',
			'https://xn--fcm-8cd.push.apple.com/x',
			'https://fcm\u{3002}googleapis.com/x',
			'https://fcm.\u{ff47}oogleapis.com/x',
			'https://fcm.googleapis.com?x',
			'https://fcm.googleapis.com#/x',
			'https://a_b.push.apple.com/x',
			'https://-a.push.apple.com/x'
		]
	],
	[
		'not a push service',
		[
			'https://evil.example/fcm.googleapis.com',
			'https://evil.example/?https://fcm.googleapis.com/',
			'https://evil.example/#https://fcm.googleapis.com/',
			'https://fcm.googleapis.com.evil.example/x',
			'https://evilfcm.googleapis.com/x',
			'https://evil-fcm.googleapis.com/x',
			'https://sub.fcm.googleapis.com/x',
			'https://googleapis.com/x',
			'https://storage.googleapis.com/x',
			'https://push.apple.com/x',
			'https://evilpush.apple.com/x',
			'https://notify.windows.com/x',
			'https://evilnotify.windows.com/x',
			'https://push.services.mozilla.com/x',
			'https://push.services.mozilla.com.evil.example/x',
			'https://push.internal.example/x'
		]
	]
];

describe('an endpoint', () => {
	it.each(GOOD)('of a real push service is taken: %s', (url) => {
		expect(refuseEndpoint(url)).toBeNull();
	});

	it.each(HOSTILE.flatMap(([reason, urls]) => urls.map((url) => [reason, url] as const)))(
		'is refused because it is %s: %j',
		(reason, url) => {
			expect(refuseEndpoint(url)).toBe(reason);
		}
	);

	it('of a host that the operator added is taken, and nothing beside it', () => {
		const extra = ['push.example.org', '.up.example.net'];
		expect(refuseEndpoint('https://push.example.org/x', extra)).toBeNull();
		expect(refuseEndpoint('https://a.up.example.net/x', extra)).toBeNull();
		for (const url of [
			'https://up.example.net/x',
			'https://apush.example.org/x',
			'https://a.push.example.org/x',
			'http://push.example.org/x'
		])
			expect(refuseEndpoint(url, extra)).not.toBeNull();
	});
});

const v4 = (address: string): Address => ({ address, family: 4 });
const v6 = (address: string): Address => ({ address, family: 6 });

describe('an address', () => {
	it.each([
		v4('142.250.74.10'),
		v4('17.253.1.1'),
		v6('2a00:1450:4001:82a::200a'),
		v6('2600:1901::1')
	])('of the public internet is one to connect to: $address', (address) => {
		expect(isPublicAddress(address)).toBe(true);
	});

	it.each([
		...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.0.1'].map(v4),
		...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.2.1', '192.168.1.1'].map(v4),
		...['198.19.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255', 'not an address'].map(v4),
		...['::', '::1', 'fc00::1', 'fdff::1', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1'].map(v6),
		...['::ffff:8.8.8.8', '64:ff9b::a00:1', '2001:db8::1', '2002:7f00:1::1', '2001::1'].map(v6)
	])('elsewhere is not: $address', (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});
});

describe('a host name', () => {
	it('that leads to a private address is refused, also when a public one stands beside it', async () => {
		await expect(resolvePublic('fcm.googleapis.com', async () => [v4('10.0.0.7')])).rejects.toThrow(
			'does not resolve to public addresses'
		);
		const mixed = async () => [v4('142.250.74.10'), v6('::1')];
		await expect(resolvePublic('fcm.googleapis.com', mixed)).rejects.toThrow();
		await expect(resolvePublic('fcm.googleapis.com', async () => [])).rejects.toThrow();
	});

	it('is resolved once for check and use, so a rebinding in between leads nowhere', async () => {
		const local = createServer().listen(0, '127.0.0.1');
		await once(local, 'listening');
		const reached: unknown[] = [];
		local.on('connection', (socket) => {
			reached.push(socket.remoteAddress);
			socket.destroy();
		});
		const { port } = local.address() as { port: number };
		// The first answer is public, every later one is this machine.
		const answers = [[v4('142.250.74.10')], [v4('127.0.0.1')], [v4('127.0.0.1')]];
		const asked: string[] = [];
		const rebinding = async (host: string) => {
			asked.push(host);
			return answers.shift() ?? [];
		};
		const used = await new Promise<unknown[]>((done) =>
			pinnedLookup(rebinding)('fcm.googleapis.com', { all: false }, (...args) => done(args))
		);
		expect(used).toEqual([null, '142.250.74.10', 4]);
		expect(asked).toHaveLength(1);

		const socket = connect({ host: 'fcm.googleapis.com', port, lookup: pinnedLookup(rebinding) });
		const [error] = await once(socket, 'error').catch((e) => [e]);
		expect(error).toMatchObject({ code: 'PRIVATE_ADDRESS' });
		expect(reached).toEqual([]);
		local.close();
	});
});
