import {
	BEAT_EVERY_MS,
	type IntentRequest,
	IntentResponse,
	LedgerResponse,
	type LedgerRow
} from '#contract/presence.ts';
import { Beats, type BeatsDeps } from '../presence/beats.ts';
import { request } from '../sync/request.ts';
import { get } from './api.ts';
import { thisPage } from './page.svelte.ts';

/** How long an answer to an intent stands without a beat. */
export const STANDS_MS = BEAT_EVERY_MS.hidden;

/** Beats from this page. */
export const startBeats = (deps: Omit<BeatsDeps, 'page' | 'request' | 'random'>): Beats =>
	new Beats({ ...deps, page: thisPage, request, random: Math.random });

/** Throws ApiFailure or Offline. */
export const putIntent = (body: IntentRequest) =>
	request({ method: 'PUT', path: '/api/presence/intent', body, schema: IntentResponse });

/** Newest first. Throws ApiFailure or Offline. */
export const readLedger = async (teamId: string): Promise<LedgerRow[]> =>
	(await get(`/api/presence/ledger?team=${teamId}`, LedgerResponse)).rows;
