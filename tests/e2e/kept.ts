import type { Page } from 'playwright-core';

/** Everything that this browser keeps of the app, as one text: databases, storage, caches and notifications on show. */
export const kept = (page: Page): Promise<string> =>
	page.evaluate(async () => {
		const done = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		const found: unknown[] = [{ ...localStorage }, { ...sessionStorage }];
		for (const { name } of await indexedDB.databases()) {
			const database = await done(indexedDB.open(name ?? ''));
			for (const store of database.objectStoreNames)
				found.push(
					name,
					store,
					await done(database.transaction(store).objectStore(store).getAll())
				);
			database.close();
		}
		for (const name of await caches.keys())
			for (const { url } of await (await caches.open(name)).keys()) found.push(url);
		const registration = await navigator.serviceWorker.getRegistration();
		for (const { title, body, tag } of (await registration?.getNotifications()) ?? [])
			found.push(title, body, tag);
		return JSON.stringify(found);
	});
