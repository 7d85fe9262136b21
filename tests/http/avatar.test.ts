import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AVATAR_SIZES, avatarPath } from '#contract/avatar.ts';
import { LIMITS } from '#contract/limits.ts';
import { type Client, type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, pull, reply, say, seen } from '../support/chat.ts';
import { animatedGif, drawing } from '../support/pictures.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const upload = (client: Client, file: Buffer, type = 'image/png') =>
	client.request('/api/profile/avatar', {
		method: 'PUT',
		body: new Uint8Array(file),
		headers: { 'Content-Type': type }
	});
async function uploaded(client: Client, file: Buffer): Promise<string> {
	const response = await upload(client, file);
	expect(response.status, await response.clone().text()).toBe(200);
	return (await response.json()).avatar;
}
const avatarOf = async (client: Client): Promise<string | null> =>
	(await (await client.get('/api/profile')).json()).avatar;
const picture = async (hash: string, size: (typeof AVATAR_SIZES)[number] = 400) =>
	Buffer.from(await (await app.stranger().get(avatarPath(hash, size))).arrayBuffer());

describe('an uploaded picture', () => {
	test.each(['png', 'jpeg', 'webp', 'gif'] as const)(
		'as %s comes back square in three sizes of WebP',
		async (format) => {
			const agent = await app.signedInAgent();
			const hash = await uploaded(agent, await drawing(640, 420)[format]().toBuffer());
			for (const size of AVATAR_SIZES) {
				const response = await app.stranger().get(avatarPath(hash, size));
				expect(Object.fromEntries(response.headers)).toMatchObject({
					'content-type': 'image/webp',
					'cache-control': 'public, max-age=31536000, immutable',
					'x-content-type-options': 'nosniff',
					'content-security-policy': "default-src 'none'; sandbox"
				});
				const found = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
				expect(found).toMatchObject({ format: 'webp', width: size, height: size });
			}
			expect((await app.stranger().get(`/api/avatars/${hash}/65`)).status).toBe(404);
		}
	);

	test('loses where it was taken, and everything else but the picture', async () => {
		const file = await drawing(500, 500)
			.jpeg()
			.withExif({
				IFD0: { Copyright: 'Ann Lee', Make: 'Camera' },
				IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' }
			})
			.toBuffer();
		expect((await sharp(file).metadata()).exif?.toString('latin1')).toContain('Ann Lee');
		const hash = await uploaded(await app.signedInAgent(), file);
		for (const size of AVATAR_SIZES) {
			const bytes = await picture(hash, size);
			const { exif, xmp, iptc, icc } = await sharp(bytes).metadata();
			expect({ exif, xmp, iptc, icc }).toEqual({});
			expect(bytes.toString('latin1')).not.toMatch(/Ann Lee|Camera|Exif/);
		}
	});

	test('is turned as the camera was held', async () => {
		const sky = { width: 400, height: 400, channels: 3 as const, background: '#0000ff' };
		const file = await sharp({ create: { ...sky, width: 800 } })
			.composite([{ input: { create: { ...sky, background: '#ff0000' } }, left: 0, top: 0 }])
			.withMetadata({ orientation: 6 })
			.jpeg()
			.toBuffer();
		const bytes = await picture(await uploaded(await app.signedInAgent(), file));
		const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
		// Red was left, and is above after a quarter turn.
		expect(data[3 * 200]).toBeGreaterThan(200);
		expect(data[3 * (200 + 399 * 400) + 2]).toBeGreaterThan(200);
	});

	test('that moves stands still at its first frame', async () => {
		const hash = await uploaded(
			await app.signedInAgent(),
			await animatedGif(400, ['#ff0000', '#0000ff'])
		);
		const bytes = await picture(hash);
		expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1);
		const [red, , blue] = (await sharp(bytes).stats()).channels.map(({ mean }) => mean);
		expect(red).toBeGreaterThan(200);
		expect(blue).toBeLessThan(60);
	});
});

describe('a file that is no picture for a profile', () => {
	let agent: TestAgent;
	let before: string;
	beforeAll(async () => {
		agent = await app.signedInAgent();
		before = await uploaded(agent, await drawing(400, 400).png().toBuffer());
	});

	const png = () => drawing(400, 400).png().toBuffer();
	const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"></svg>';
	const refusals: [string, () => Promise<Buffer>, number, RegExp][] = [
		['SVG', async () => Buffer.from(svg), 400, /no whole PNG/],
		[
			'SVG behind an XML head',
			async () => Buffer.from(`<?xml version="1.0"?>${svg}`),
			400,
			/no whole/
		],
		['an empty body', async () => Buffer.alloc(0), 400, /no whole/],
		['TIFF', () => drawing(400, 400).tiff().toBuffer(), 400, /no whole/],
		[
			'a PNG with a page behind it',
			async () => Buffer.concat([await png(), Buffer.from('<script>1</script>')]),
			400,
			/no whole/
		],
		[
			'a JPEG with an archive behind it',
			async () =>
				Buffer.concat([await drawing(400, 400).jpeg().toBuffer(), Buffer.from('PK\x03\x04')]),
			400,
			/no whole/
		],
		[
			'a GIF with a script behind it',
			async () =>
				Buffer.concat([await drawing(400, 400).gif().toBuffer(), Buffer.from(';alert(1)')]),
			400,
			/no whole/
		],
		[
			'a WebP with more behind it',
			async () => Buffer.concat([await drawing(400, 400).webp().toBuffer(), Buffer.from('more')]),
			400,
			/no whole/
		],
		['a PNG that is cut short', async () => (await png()).subarray(0, 2000), 400, /no whole/],
		['one that is too small', () => drawing(399, 800).png().toBuffer(), 400, /399 x 800.*/],
		['more than 2 MB', async () => Buffer.alloc(LIMITS.avatarBytes + 1), 413, /larger than/]
	];
	test.each(refusals)(
		'%s is refused, and the picture before stays',
		async (_, file, status, reason) => {
			const response = await upload(agent, await file());
			expect(response.status).toBe(status);
			const { error } = await response.json();
			expect(error).toMatchObject({
				field: 'picture',
				message: expect.stringMatching(reason),
				remedy: expect.stringMatching(/\.$/)
			});
			expect(await avatarOf(agent)).toBe(before);
			expect((await picture(before)).length).toBeGreaterThan(0);
			app.clock.advance(10_000);
		}
	);

	test('more than 24 megapixels are refused by the header, before anything is decoded', async () => {
		const huge = await sharp({
			create: { width: 6001, height: 4000, channels: 3, background: '#123' }
		})
			.png()
			.toBuffer();
		const response = await upload(agent, huge);
		expect([response.status, (await response.json()).error.message]).toEqual([
			400,
			'The picture has more than 24 megapixels.'
		]);
		// A header that promises ten thousand million pixels, and nothing behind it.
		const bomb = Buffer.from(await png());
		bomb.writeUInt32BE(100_000, 16);
		bomb.writeUInt32BE(100_000, 20);
		const before = process.memoryUsage().rss;
		expect((await upload(agent, bomb)).status).toBe(400);
		expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
		expect(await avatarOf(agent)).not.toBeNull();
	});
});

test('a new picture reaches colleagues and open widgets, and the old one is gone', async () => {
	const agent = await app.signedInAgent();
	const colleague = await app.signedInAgent({ team: agent.team });
	const visitor = await app.newVisitor({ team: agent.team });
	const chat = app.deps.newId();
	await say(visitor, chat, 'Hello');
	await callPerson(visitor, chat);
	await act(agent, reply(chat, 'Hi'));
	const { cursor } = await pull(colleague);
	const first = await uploaded(agent, await drawing(400, 400).png().toBuffer());
	const page = await pull(colleague, cursor);
	expect(page.members).toMatchObject([{ userId: agent.userId, avatar: first }]);
	expect((await seen(visitor)).conversation?.agent?.avatar).toBe(first);
	const second = await uploaded(agent, await drawing(450, 450).png().toBuffer());
	expect(second).not.toBe(first);
	expect((await app.stranger().get(avatarPath(first, 64))).status).toBe(404);
	expect((await agent.delete('/api/profile/avatar')).status).toBe(200);
	expect((await seen(visitor)).conversation?.agent?.avatar).toBeNull();
	expect((await app.stranger().get(avatarPath(second, 64))).status).toBe(404);
});

test('two people with the same picture have one each', async () => {
	const [ann, ben] = [await app.signedInAgent(), await app.signedInAgent()];
	const file = await drawing(400, 400).png().toBuffer();
	const [hers, his] = [await uploaded(ann, file), await uploaded(ben, file)];
	expect(hers).not.toBe(his);
	await ann.delete('/api/profile/avatar');
	expect((await app.stranger().get(avatarPath(his, 64))).status).toBe(200);
});
