import * as z from 'zod/mini';
import { Id } from './ids.ts';
import { LIMITS } from './limits.ts';

export const Color = z
	.string()
	.check(z.regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #0e6f74'));

/** `brandName` null: visitors read "Support". */
export const TeamSettingsRequest = z.strictObject({
	teamId: Id,
	name: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.name)),
	brandName: z.nullable(z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.name))),
	brandColor: Color,
	showAgentsAs: z.enum(['agents', 'team'])
});
export type TeamSettingsRequest = z.infer<typeof TeamSettingsRequest>;
