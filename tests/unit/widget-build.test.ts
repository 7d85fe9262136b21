import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWidget } from '../support/widget.ts';

let out: string;
let loader: string;
beforeAll(async () => {
	out = mkdtempSync(path.join(tmpdir(), 'bellhop-widget-'));
	await buildWidget(out, ['loader']);
	loader = readFileSync(path.join(out, 'widget.js'), 'utf8');
});
afterAll(() => rmSync(out, { recursive: true }));

test('the loader is at most 5 KB', () => {
	expect(gzipSync(loader).byteLength).toBeLessThanOrEqual(5 * 1024);
});

test('the loader is one classic script that leaves no name behind', () => {
	expect(loader).not.toMatch(/^\s*(import|export)\b|\bimport\(/m);
	expect(loader.trim()).toMatch(/^\(function\(\)\s*\{[\s\S]*\}\)\(\);?$/);
});
