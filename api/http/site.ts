import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { isAppRoute } from '#contract/routes.ts';

/** One built file. */
export interface File {
	type: string;
	etag: string;
	cacheControl: string;
	/** By content encoding. */
	bodies: Map<string, Uint8Array<ArrayBuffer>>;
}

/** The built app, in memory. */
export interface Site {
	/** By path. */
	files: ReadonlyMap<string, File>;
	/** The page that every app route answers with, and its content security policy. */
	shell: File;
	csp: string;
}

const SHELL = '/200.html';
/** Files named by a hash of their content. */
const HASHED = /^\/(_app\/immutable|widget\/assets)\//;

/** Reads the build once: it is small, and answers then need no disk. Throws where `root` holds none. */
export function readSite(root: string): Site {
	const files = new Map<string, File>();
	for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
		if (!statSync(`${root}/${name}`).isFile()) continue;
		const encoding = /\.(br|gz)$/.exec(name)?.[1];
		const path = `/${encoding ? name.slice(0, -3) : name}`.replaceAll('\\', '/');
		const file = files.get(path) ?? {
			type: getMimeType(path) ?? 'application/octet-stream',
			etag: '',
			cacheControl: HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
			bodies: new Map()
		};
		files.set(path, file);
		const body = new Uint8Array(readFileSync(`${root}/${name}`));
		file.bodies.set(encoding === 'gz' ? 'gzip' : (encoding ?? 'identity'), body);
		if (!encoding)
			file.etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
	}
	const shell = files.get(SHELL);
	const html = new TextDecoder().decode(shell?.bodies.get('identity'));
	// Kit writes the policy, with the hash of its inline script, as a <meta>; only a header can
	// also forbid framing.
	const meta = /http-equiv="content-security-policy" content="([^"]*)"/.exec(html)?.[1];
	if (!shell || !meta) throw new Error(`${root} holds no build of the app`);
	return { files, shell, csp: `${meta}; frame-ancestors 'none'` };
}

const ENCODINGS = ['br', 'gzip'];

/** The encodings that an Accept-Encoding header allows us to choose (RFC 9110, section 12.5.3). */
function accepts(header: string): (encoding: string) => boolean {
	const refused = /;\s*q=0(\.0*)?\s*$/;
	const allowed = header.split(',').filter((part) => !refused.test(part));
	const names = new Set(allowed.map((part) => part.split(';')[0]?.trim().toLowerCase()));
	return (encoding) => names.has(encoding);
}

/** Answers with a file in the best encoding the browser takes, or 304; keeps headers already set. */
export function sendFile(c: Context, file: File, cacheControl = file.cacheControl): Response {
	c.header('Cache-Control', cacheControl);
	c.header('ETag', file.etag);
	c.header('Vary', 'Accept-Encoding');
	const known = (c.req.header('If-None-Match') ?? '').split(',').map((tag) => tag.trim());
	if (known.includes(file.etag)) return c.body(null, 304);
	const isAccepted = accepts(c.req.header('Accept-Encoding') ?? '');
	const encoding = ENCODINGS.find((e) => file.bodies.has(e) && isAccepted(e)) ?? 'identity';
	if (encoding !== 'identity') c.header('Content-Encoding', encoding);
	c.header('Content-Type', file.type);
	return c.body(file.bodies.get(encoding) ?? '', 200);
}

/** Serves the files, and the shell for the app's own pages; whatever else falls through to the 404. */
export function siteRoutes({ files, shell, csp }: Site): Hono {
	return new Hono().get('*', async (c, next) => {
		const file = isAppRoute(c.req.path) ? shell : files.get(c.req.path);
		if (!file) return await next();
		if (file === shell) c.header('Content-Security-Policy', csp);
		return sendFile(c, file);
	});
}
