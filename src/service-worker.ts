/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />

import { build, files, version } from '$service-worker';
import { onBeat } from './lib/sw/beat.ts';
import { beatDeps } from './lib/sw/context.ts';
import { onActivate, onSkipWaiting } from './lib/sw/install.ts';
import { serveShell } from './lib/sw/shell.ts';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const beat = beatDeps(worker);

serveShell({ build, files, version }, worker.location.origin);

worker.addEventListener('activate', (event) => onActivate(event, worker));
worker.addEventListener('message', (event) => onSkipWaiting(event, worker));
worker.addEventListener('message', (event) => onBeat(event, beat));
