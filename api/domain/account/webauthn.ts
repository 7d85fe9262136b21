import type { generateRegistrationOptions } from '@simplewebauthn/server';
import type { AddPasskeyRequest, PasskeySignInRequest } from '#contract/profile.ts';
import type { PasskeyRow } from '../../store/passkey.ts';
import type { UserRow } from '../../store/user.ts';

/** Loaded at its first use: it would be a fifth of the time that the server takes to start. */
const library = () => import('@simplewebauthn/server');

/** Whether a challenge is one of ours and still unused; takes it. */
export type TakeChallenge = (challenge: string) => Promise<boolean>;

/** EdDSA, ES256, RS256 (COSE): what authenticators have; a probe for others would warn on the console. */
const ALGORITHMS = [-8, -7, -257];

/** The host that keys belong to (Web Authentication, section 5.1.2): scheme and port do not matter to it. */
const hostOf = (publicOrigin: string) => new URL(publicOrigin).hostname;

type Transports = NonNullable<
	NonNullable<
		Parameters<typeof generateRegistrationOptions>[0]['excludeCredentials']
	>[number]['transports']
>;

/** What a browser makes a new key with: one that it finds by itself, and that asks who is there. */
export const registrationOptions = async (
	publicOrigin: string,
	user: Pick<UserRow, 'id' | 'email'> & { name: string },
	known: readonly { id: string; transports: string[] }[]
) =>
	(await library()).generateRegistrationOptions({
		rpName: 'Bellhop',
		rpID: hostOf(publicOrigin),
		userName: user.email,
		userDisplayName: user.name,
		userID: new TextEncoder().encode(user.id),
		excludeCredentials: known.map(({ id, transports }) => ({
			id,
			transports: transports as Transports
		})),
		supportedAlgorithmIDs: ALGORITHMS,
		authenticatorSelection: { residentKey: 'required', userVerification: 'required' }
	});

/** What a browser signs in with; any key that it has for us will do. */
export const authenticationOptions = async (publicOrigin: string) =>
	(await library()).generateAuthenticationOptions({
		rpID: hostOf(publicOrigin),
		userVerification: 'required'
	});

/** The new key, or null where the answer is not a browser's to our question. */
export async function verifyNewKey(
	publicOrigin: string,
	{ id, clientDataJSON, attestationObject, transports }: AddPasskeyRequest,
	expectedChallenge: TakeChallenge
): Promise<Omit<PasskeyRow, 'userId'> | null> {
	const { verifyRegistrationResponse } = await library();
	const answer = await verifyRegistrationResponse({
		response: {
			id,
			rawId: id,
			type: 'public-key',
			response: { clientDataJSON, attestationObject },
			clientExtensionResults: {}
		},
		expectedChallenge,
		expectedOrigin: publicOrigin,
		expectedRPID: hostOf(publicOrigin),
		requireUserVerification: true,
		supportedAlgorithmIDs: ALGORITHMS
	}).catch(refusal);
	if (!answer?.verified) return null;
	const { publicKey, counter, id: verifiedId } = answer.registrationInfo.credential;
	return { id: verifiedId, publicKey: Buffer.from(publicKey), counter, transports };
}

/** The key's new counter, or null where it did not sign our question. */
export async function verifySignature(
	publicOrigin: string,
	{ id, clientDataJSON, authenticatorData, signature }: PasskeySignInRequest,
	{ key, expectedChallenge }: { key: PasskeyRow; expectedChallenge: TakeChallenge }
): Promise<number | null> {
	const { verifyAuthenticationResponse } = await library();
	const answer = await verifyAuthenticationResponse({
		response: {
			id,
			rawId: id,
			type: 'public-key',
			response: { clientDataJSON, authenticatorData, signature },
			clientExtensionResults: {}
		},
		expectedChallenge,
		expectedOrigin: publicOrigin,
		expectedRPID: hostOf(publicOrigin),
		credential: { id, publicKey: new Uint8Array(key.publicKey), counter: key.counter },
		requireUserVerification: true
	}).catch(refusal);
	return answer?.verified ? answer.authenticationInfo.newCounter : null;
}

/** The library throws for whatever is wrong with what came from outside. */
const refusal = () => null;
