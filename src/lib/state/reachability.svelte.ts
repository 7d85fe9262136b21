import { BoardResponse, type BoardRow, BoardTestResponse } from '#contract/notifications.ts';
import { newestProof } from '#contract/proof.ts';
import { pause } from '../sync/backoff.ts';
import { request } from '../sync/request.ts';
import { get } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';

const ASK_EVERY_MS = 1_000;
/** A device that shows a push reports it within moments. */
const PATIENCE_MS = 20_000;

const team = () => session.team?.id ?? null;
const board = new Loaded(team, (id) => get(`/api/notifications/board?team=${id}`, BoardResponse));

type Device = BoardRow['devices'][number];
const provedAt = (device: Device): number => newestProof(device)?.at ?? 0;

/** Devices that are being tested, and when each was proved before: a newer proof is the answer. */
let tested = $state.raw<ReadonlyMap<string, number>>(new Map());
const answered = $derived(
	(board.value?.rows ?? [])
		.flatMap(({ devices }) => devices)
		.filter((device) => provedAt(device) > (tested.get(device.id) ?? Number.POSITIVE_INFINITY))
		.length
);

/** Who of the active team can be rung now, for those who manage it. */
export const reachability = {
	board,
	/** How many devices were tested last, and how many of them have answered; null before the first test. */
	get test(): { count: number; answered: number } | null {
		return tested.size === 0 ? null : { count: tested.size, answered };
	},
	/** Rings one member's devices, or with null everybody's, and reads the board until they had their time. */
	async ring(userId: string | null, signal: AbortSignal): Promise<void> {
		const before = new Map(
			(board.value?.rows ?? []).flatMap(({ devices }) =>
				devices.map((device) => [device.id, provedAt(device)] as const)
			)
		);
		const path = '/api/notifications/board/test';
		const body = { teamId: team(), userId };
		const { tests } = await request({ method: 'POST', path, body, schema: BoardTestResponse });
		tested = new Map(tests.map(({ deviceId }) => [deviceId, before.get(deviceId) ?? 0]));
		const until = thisPage.now() + PATIENCE_MS;
		while (answered < tested.size && thisPage.now() < until && !signal.aborted) {
			await pause(thisPage, ASK_EVERY_MS, [signal]);
			await board.load();
		}
	},
	forget(): void {
		tested = new Map();
	}
};
