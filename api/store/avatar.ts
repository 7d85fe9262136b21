import type { AvatarSize } from '#contract/avatar.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Keeps the WebP files of one picture; the same picture again changes nothing. */
export async function saveAvatar(
	q: Queries,
	{ hash, sizes }: { hash: string; sizes: ReadonlyMap<AvatarSize, Buffer> }
): Promise<void> {
	for (const [size, bytes] of sizes)
		await q.run(sql`
			insert into avatars (hash, size, bytes) values (${hash}, ${size}, ${bytes})
			on conflict do nothing`);
}

export async function findAvatar(
	q: Queries,
	hash: string,
	size: AvatarSize
): Promise<Buffer | undefined> {
	const row = await q.maybe<{ bytes: Buffer }>(sql`
		select bytes from avatars where hash = ${hash} and size = ${size}`);
	return row?.bytes;
}

export async function deleteAvatar(q: Queries, hash: string): Promise<void> {
	await q.run(sql`delete from avatars where hash = ${hash}`);
}
