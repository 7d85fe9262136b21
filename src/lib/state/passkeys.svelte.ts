import type {
	PublicKeyCredentialCreationOptionsJSON,
	PublicKeyCredentialRequestOptionsJSON
} from '@simplewebauthn/browser';
import { Me } from '#contract/auth.ts';
import { type Passkey, PasskeyOptions, PasskeysResponse } from '#contract/profile.ts';
import { ApiFailure, request } from '../sync/request.ts';
import { get, tell } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const path = '/api/passkeys';
/** Fetched when it is needed: few sign in often. */
const browser = () => import('@simplewebauthn/browser');

const list = new Loaded<Passkey[]>(
	() => session.me?.user.id ?? null,
	async () => (await get(path, PasskeysResponse)).passkeys
);

const ask = <T>(at: string, body: object): Promise<T> =>
	request({ method: 'POST', path: `${path}${at}`, body, schema: PasskeyOptions }) as Promise<T>;

/** What the browser or the person says no to, as a refusal with words (Web Authentication, sections 5.1.3 and 5.1.4). */
async function withBrowser<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const name = error instanceof Error ? error.name : '';
		const isKnown = name === 'InvalidStateError';
		throw new ApiFailure({
			code: 'forbidden',
			message: isKnown
				? 'This device has a passkey for your account already.'
				: 'No passkey was used: it was cancelled, or this browser has none for you.',
			remedy: isKnown ? 'Use another device.' : 'Try again, or use your password.'
		});
	}
}

/** The person's keys for signing in without a password. All of it throws ApiFailure or Offline. */
export const passkeys = {
	list,
	/** Whether this browser knows such keys at all. */
	isSupported: 'PublicKeyCredential' in globalThis,
	async add(input: { name: string; password: string }): Promise<void> {
		const { name, password } = input;
		const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>('/options', { password });
		const { startRegistration } = await browser();
		const { id, response } = await withBrowser(() => startRegistration({ optionsJSON }));
		const { clientDataJSON, attestationObject, transports = [] } = response;
		const key = { name, id, clientDataJSON, attestationObject, transports };
		await tell('POST', path, key);
		await list.load();
	},
	async rename(id: string, name: string): Promise<void> {
		await tell('PUT', path, { id, name });
		await list.load();
	},
	async remove(id: string, password: string): Promise<void> {
		await tell('DELETE', path, { id, password });
		await list.load();
	},
	async signIn(): Promise<void> {
		const optionsJSON = await ask<PublicKeyCredentialRequestOptionsJSON>('/sign-in/options', {});
		const { startAuthentication } = await browser();
		const { id, response } = await withBrowser(() => startAuthentication({ optionsJSON }));
		const { clientDataJSON, authenticatorData, signature } = response;
		const body = { id, clientDataJSON, authenticatorData, signature };
		await session.adopt(
			await request({ method: 'POST', path: `${path}/sign-in`, body, schema: Me })
		);
	}
};
