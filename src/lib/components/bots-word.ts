import type { Bot } from '#contract/entities.ts';

/** The bots that somebody has access to; null is all of them. */
export function botsWord(
	{ botIds }: { botIds: readonly string[] | null },
	bots: readonly Pick<Bot, 'id' | 'name'>[]
): string {
	if (botIds === null) return 'All bots';
	if (botIds.length !== 1) return botIds.length === 0 ? 'No bots' : `${botIds.length} bots`;
	return bots.find(({ id }) => id === botIds[0])?.name ?? '1 bot';
}
