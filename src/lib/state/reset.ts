import { tell } from './api.ts';

/** Has a link for a new password mailed, if anybody has the address. Throws ApiFailure or Offline. */
export const askForReset = (email: string): Promise<void> =>
	tell('POST', '/api/auth/forgot', { email });

/** The link's key and the new password; every session of the person ends. Throws ApiFailure or Offline. */
export const resetPassword = (token: string, password: string): Promise<void> =>
	tell('POST', '/api/auth/reset', { token, password });
