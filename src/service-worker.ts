/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />

import { build, files, version } from '$service-worker';
import { onBeat } from './lib/sw/beat.ts';
import { onNotificationClick } from './lib/sw/click.ts';
import { beatDeps } from './lib/sw/context.ts';
import { onContact, onSync, type SyncArrival } from './lib/sw/flush.ts';
import { onActivate, onSkipWaiting, serveShell } from './lib/sw/install.ts';
import { onLeave } from './lib/sw/leave.ts';
import { onPush } from './lib/sw/push.ts';
import { onIdentity, onSubscriptionChange } from './lib/sw/subscription-change.ts';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const beat = beatDeps(worker);

serveShell({ build, files, version }, worker.location.origin);

worker.addEventListener('activate', (event) => onActivate(event, worker));
worker.addEventListener('message', (event) => onSkipWaiting(event, worker));
worker.addEventListener('message', (event) => onBeat(event, beat));
worker.addEventListener('message', (event) => onLeave(event, beat));
worker.addEventListener('message', (event) => onIdentity(event));
worker.addEventListener('message', (event) => onContact(event));
worker.addEventListener('push', (event) => onPush(event, worker));
worker.addEventListener('notificationclick', (event) => onNotificationClick(event, worker));
worker.addEventListener('pushsubscriptionchange', (event) => onSubscriptionChange(event, worker));
worker.addEventListener('sync', (event) => onSync(event as unknown as SyncArrival));
