import * as z from 'zod/mini';
import { Email, Name, NewPassword, Password } from './auth.ts';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** A key from a mail. */
export const Token = z.string().check(z.minLength(20), z.maxLength(200));

export const Profile = z.object({
	id: Id,
	email: z.string(),
	firstName: z.string(),
	lastName: z.string(),
	/** Content hash; `avatarPath` (avatar.ts) says where the picture is. */
	avatar: z.nullable(z.string()),
	/** Waits for the link in the mail to it. */
	pendingEmail: z.nullable(z.object({ email: z.string(), expiresAt: Timestamp })),
	defaultTeamId: z.nullable(Id)
});
export type Profile = z.infer<typeof Profile>;

export const ProfileRequest = z.strictObject({ firstName: Name, lastName: Name });
export const PasswordRequest = z.strictObject({ current: Password, password: NewPassword });
export const EmailRequest = z.strictObject({ email: Email, password: Password });
export const TokenRequest = z.strictObject({ token: Token });
export const EmailConfirmed = z.object({ email: z.string() });
export const DefaultTeamRequest = z.strictObject({ teamId: Id });
export const DeleteAccountRequest = z.strictObject({
	password: Password,
	reason: z.optional(z.string().check(z.trim(), z.maxLength(LIMITS.reason)))
});

/** Answers an upload: the body of that request is the file itself. */
export const AvatarResponse = z.object({ avatar: z.nullable(z.string()) });
const SessionId = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be the id of a session'));

/** One place where the person is signed in. `push`: of the device in it; null where it has no record. */
export const Session = z.object({
	id: SessionId,
	isCurrent: z.boolean(),
	/** "Chrome on Android". */
	browser: z.nullable(z.string()),
	address: z.string(),
	createdAt: Timestamp,
	lastSeenAt: Timestamp,
	expiresAt: Timestamp,
	deviceName: z.nullable(z.string()),
	push: z.nullable(z.enum(['live', 'needs_resubscribe', 'gone', 'none']))
});
export type Session = z.infer<typeof Session>;
export const SessionsResponse = z.object({ sessions: z.array(Session) });
/** `id` null: all but the one that asks. */
export const EndSessionsRequest = z.strictObject({ id: z.nullable(SessionId) });
export type EndSessionsRequest = z.infer<typeof EndSessionsRequest>;

const base64url = (max: number) =>
	z
		.string()
		.check(z.minLength(1), z.maxLength(max), z.regex(/^[A-Za-z0-9_-]+$/, 'must be base64url'));
const PasskeyName = z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.passkeyName));
const PasskeyId = base64url(1400);

export const Passkey = z.object({
	id: PasskeyId,
	name: z.string(),
	createdAt: Timestamp,
	lastUsedAt: z.nullable(Timestamp)
});
export type Passkey = z.infer<typeof Passkey>;
export const PasskeysResponse = z.object({ passkeys: z.array(Passkey) });

/** What `navigator.credentials` is asked with, as @simplewebauthn/browser takes it. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() });
/** Adding a key asks for the password again. */
export const PasskeyOptionsRequest = z.strictObject({ password: Password });
/** The browser's answer, of which only these parts are sent. */
export const AddPasskeyRequest = z.strictObject({
	name: PasskeyName,
	id: PasskeyId,
	clientDataJSON: base64url(4000),
	attestationObject: base64url(8000),
	transports: z
		.array(z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']))
		.check(z.maxLength(8))
});
export type AddPasskeyRequest = z.infer<typeof AddPasskeyRequest>;
export const RenamePasskeyRequest = z.strictObject({ id: PasskeyId, name: PasskeyName });
export const RemovePasskeyRequest = z.strictObject({ id: PasskeyId, password: Password });
export const PasskeySignInRequest = z.strictObject({
	id: PasskeyId,
	clientDataJSON: base64url(4000),
	authenticatorData: base64url(4000),
	signature: base64url(4000)
});
export type PasskeySignInRequest = z.infer<typeof PasskeySignInRequest>;
