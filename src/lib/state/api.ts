import { type RequestInput, request, type Schema } from '../sync/request.ts';

type Method = RequestInput<unknown>['method'];

/** For answers that say no more than that it is done. */
export const nothing: Schema<null> = { safeParse: () => ({ success: true, data: null }) };

/** Throws ApiFailure or Offline, and the signal's reason when it fired, as `request` does. */
export const get = <T>(path: string, schema: Schema<T>, signal?: AbortSignal): Promise<T> =>
	request({ method: 'GET', path, schema, signal });

/** Has the server do something that answers with nothing. Throws ApiFailure or Offline. */
export async function tell(method: Method, path: string, body: unknown): Promise<void> {
	await request({ method, path, body, schema: nothing });
}
