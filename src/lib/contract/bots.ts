import * as z from 'zod/mini';
import { Color } from './brand.ts';
import { Id } from './ids.ts';
import { LIMITS } from './limits.ts';

const BotName = z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.name));

/** Scheme, host and port of a website, as its pages send it: `https://shop.example`. */
const Website = z.string().check(
	z.maxLength(300),
	z.refine(
		(text) =>
			/^https?:\/\/[a-z0-9.:[\]-]+$/.test(text) &&
			URL.canParse(text) &&
			new URL(text).origin === text,
		'must be scheme, host and port only, such as https://shop.example'
	)
);

const settings = {
	name: BotName,
	color: Color,
	greeting: z.string().check(z.trim(), z.maxLength(LIMITS.greeting)),
	quickQuestions: z
		.array(
			z.strictObject({
				question: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.quickQuestion)),
				answer: z.string().check(z.trim(), z.maxLength(LIMITS.greeting))
			})
		)
		.check(z.maxLength(LIMITS.quickQuestions)),
	humanEscalation: z.boolean(),
	humanOnly: z.boolean(),
	showAvailability: z.boolean(),
	/** None: only Bellhop's own preview shows the widget. */
	allowedOrigins: z.array(Website).check(z.maxLength(LIMITS.websites))
};

/** A bot as those who manage it see it. */
export const BotSettings = z.object({
	id: Id,
	/** Content hash of its picture, which is uploaded by itself. */
	avatar: z.optional(z.nullable(z.string())),
	...settings
});
export type BotSettings = z.infer<typeof BotSettings>;
export const BotsResponse = z.object({ bots: z.array(BotSettings) });
export const CreateBotRequest = z.strictObject({ teamId: Id, id: Id, name: BotName });
export const UpdateBotRequest = z.strictObject({ teamId: Id, id: Id, ...settings });
export const BotRequest = z.strictObject({ teamId: Id, id: Id });
/** The query of an upload: the body is the picture itself. */
export const BotPictureQuery = z.strictObject({ team: Id, bot: Id });
/** What went with the bot. */
export const DeletedBot = z.object({
	visitors: z.int(),
	conversations: z.int(),
	messages: z.int()
});
export type DeletedBot = z.infer<typeof DeletedBot>;
