import * as z from 'zod/mini';
import { Permission, Role, Team } from './entities.ts';
import { Id } from './ids.ts';
import { LIMITS } from './limits.ts';

export const Email = z
	.string()
	.check(
		z.trim(),
		z.toLowerCase(),
		z.maxLength(LIMITS.email),
		z.regex(/^[^\s@]+@[^\s@]+\.[^\s@.]+$|^[^\s@]+@localhost$/, 'must be an email address')
	);
export const Password = z.string().check(z.minLength(1), z.maxLength(LIMITS.password));
export const NewPassword = z
	.string()
	.check(z.minLength(LIMITS.passwordMin), z.maxLength(LIMITS.password));
export const Name = z.string().check(z.trim(), z.maxLength(LIMITS.name));

export const SignInRequest = z.strictObject({ email: Email, password: Password });
export const SignUpRequest = z.strictObject({
	email: Email,
	password: NewPassword,
	firstName: Name,
	lastName: Name,
	teamName: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.name)),
	/** The one-time token of the owner link; needed while sign-up is closed. */
	ownerToken: z.optional(z.string().check(z.maxLength(200)))
});
export type SignUpRequest = z.infer<typeof SignUpRequest>;
/** Asks for a link by mail. Answered the same whether or not there is such an account. */
export const ForgotRequest = z.strictObject({ email: Email });
/** `token`: of the link in the mail. */
export const ResetRequest = z.strictObject({
	token: z.string().check(z.minLength(20), z.maxLength(200)),
	password: NewPassword
});
export const SignOutRequest = z.strictObject({
	/** The record to delete with its push subscription, if the browser has one. */
	deviceId: z.nullable(Id),
	/** Refused where the person is online by this device alone, and nobody else is in business hours. */
	unlessLast: z.optional(z.boolean())
});
export type SignOutRequest = z.infer<typeof SignOutRequest>;

export const Me = z.object({
	protocol: z.int(),
	user: z.object({
		id: Id,
		email: z.string(),
		firstName: z.string(),
		lastName: z.string(),
		avatar: z.nullable(z.string()),
		isAutoReturn: z.boolean(),
		/** The team that opens first; absent: the one joined first. */
		defaultTeamId: z.optional(z.nullable(Id))
	}),
	teams: z.array(
		z.object({
			team: Team,
			role: Role,
			/** Of a custom role. */
			roleName: z.optional(z.nullable(z.string())),
			permissions: z.optional(z.array(Permission)),
			/** The bots whose chats the person may see there. */
			botIds: z.optional(z.array(Id)),
			/** Chats that wait for the person's answer there. Absent in answers of an older server. */
			waitingCount: z.optional(z.int())
		})
	)
});
export type Me = z.infer<typeof Me>;

/** What the sign-in page needs to know before anybody has signed in. */
export const AuthOptions = z.object({ isSignUpOpen: z.boolean(), isDemo: z.boolean() });
export type AuthOptions = z.infer<typeof AuthOptions>;
