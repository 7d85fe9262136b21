import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Certificate {
	key: Buffer;
	cert: Buffer;
	/** The authority that signed it: a file for NODE_EXTRA_CA_CERTS, and its content. */
	caFile: string;
	ca: Buffer;
	/** For Chromium's --ignore-certificate-errors-spki-list. */
	spki: string;
	remove(): void;
}

/** A throw-away authority and a certificate for loopback and `names`, by the openssl command. */
export function makeCertificate(names: readonly string[]): Certificate {
	const dir = mkdtempSync(path.join(tmpdir(), 'bellhop-certificate-'));
	const file = (name: string) => path.join(dir, name);
	const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
	const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	const request = ['req', ...ec];
	openssl(
		...request,
		'-x509',
		'-days',
		'2',
		'-subj',
		'/CN=test CA',
		'-keyout',
		'ca.key',
		'-out',
		'ca.pem'
	);
	openssl(...request, '-subj', '/CN=test', '-keyout', 'leaf.key', '-out', 'leaf.csr');
	const alternatives = ['IP:127.0.0.1', 'DNS:localhost', ...names.map((name) => `DNS:${name}`)];
	writeFileSync(file('ext'), `subjectAltName=${alternatives.join(',')}\n`);
	const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
	const leaf = ['-in', 'leaf.csr', '-extfile', 'ext', '-out', 'leaf.pem'];
	openssl('x509', '-req', '-days', '2', ...authority, ...leaf);
	const cert = readFileSync(file('leaf.pem'));
	const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
	return {
		key: readFileSync(file('leaf.key')),
		cert,
		caFile: file('ca.pem'),
		ca: readFileSync(file('ca.pem')),
		spki: createHash('sha256').update(publicKey).digest('base64'),
		remove: () => rmSync(dir, { recursive: true, force: true })
	};
}
