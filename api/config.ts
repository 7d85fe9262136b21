import { isIP } from 'node:net';
import path from 'node:path';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything that the environment decides. Undefined: not set. */
export interface Config {
	host: string;
	port: number;
	/** Scheme, host and port as browsers see them, such as `https://chat.example.com`. */
	publicOrigin: string;
	/** Serves the widget's frame from a host of its own. */
	widgetOrigin: string | undefined;
	demoPort: number;
	/** Absolute. The embedded database and the generated secrets live here. */
	dataDir: string;
	databaseUrl: string | undefined;
	/** The same database past a pooler: for LISTEN and migrations. */
	databaseDirectUrl: string | undefined;
	/** Logs in as a run-time role made by hand. */
	databaseRunUrl: string | undefined;
	/** Encrypts secrets at rest and signs what leaves the house; at least 32 characters. */
	secretKey: string | undefined;
	/** Addresses (or CIDR ranges) of proxies whose X-Forwarded-For is believed. */
	trustedProxies: readonly string[];
	isSignUpOpen: boolean;
	/** Whom push services write to: a `mailto:` or `https:` URL. */
	contact: string | undefined;
	/** Proxy through which pushes leave. */
	pushProxy: string | undefined;
	/** Push services' host names beyond the known ones. */
	extraPushHosts: readonly string[];
	/** The mail server: `smtp://user:password@host:587` or `smtps://`. */
	smtpUrl: string | undefined;
	/** Whom mails come from: `bellhop@example.com` or `Bellhop <bellhop@example.com>`. */
	mailFrom: string;
	logLevel: LogLevel;
	role: (typeof ROLES)[number];
	/** In development Vite serves the pages. */
	isApiOnly: boolean;
}

/** Every problem in one message, one line each: name, what is wrong, what to do. */
export class ConfigError extends Error {
	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.name = 'ConfigError';
	}
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const ROLES = ['both', 'web', 'worker'] as const;
const SECRET_LENGTH = 32;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

type Environment = Record<string, string | undefined>;

/** Turns the text of a variable into its value, or throws what is wrong and what to do. */
type Parse<T> = (text: string) => T;

/**
 * Reads the configuration. `env` is the process's environment, or a test's.
 * @throws ConfigError that lists all problems.
 */
export function readConfig(env: Environment = process.env): Config {
	const problems: string[] = [];
	const read = <T, D>(name: string, parse: Parse<T>, fallback: D): T | D => {
		const text = env[name]?.trim();
		if (!text) return fallback;
		try {
			return parse(text);
		} catch (error) {
			problems.push(`${name} ${(error as Error).message}`);
			return fallback;
		}
	};
	const port = read('PORT', portNumber, 3000);
	const publicOrigin = read('PUBLIC_ORIGIN', origin, `http://localhost:${port}`);
	const config: Config = {
		host: read('HOST', hostOrAddress, '127.0.0.1'),
		port,
		publicOrigin,
		widgetOrigin: read('WIDGET_ORIGIN', origin, undefined),
		demoPort: read('DEMO_PORT', portNumber, 3001),
		dataDir: path.resolve(read('DATA_DIR', String, 'data')),
		databaseUrl: read('DATABASE_URL', databaseUrl, undefined),
		databaseDirectUrl: read('DATABASE_DIRECT_URL', databaseUrl, undefined),
		databaseRunUrl: read('DATABASE_RUN_URL', databaseUrl, undefined),
		secretKey: read('SECRET_KEY', secret, undefined),
		trustedProxies: read('TRUSTED_PROXIES', listOf(addressRange), []),
		isSignUpOpen: read('OPEN_SIGNUP', yesOrNo, false),
		contact: read('CONTACT', contact, undefined),
		pushProxy: read('PUSH_PROXY', proxy, undefined),
		extraPushHosts: read('EXTRA_PUSH_HOSTS', listOf(hostName), []),
		smtpUrl: read('SMTP_URL', smtpUrl, undefined),
		mailFrom: read('MAIL_FROM', sender, `Bellhop <bellhop@${new URL(publicOrigin).hostname}>`),
		logLevel: read('LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
		role: read('ROLE', oneOf(ROLES), 'both'),
		isApiOnly: read('API_ONLY', yesOrNo, false)
	};
	problems.push(...contradictions(config));
	if (problems.length > 0) throw new ConfigError(problems);
	return config;
}

function contradictions(config: Config): string[] {
	const found: string[] = [];
	if (config.port === config.demoPort)
		found.push(`DEMO_PORT is the same as PORT (${config.port}): choose another one`);
	if (config.widgetOrigin === config.publicOrigin)
		found.push('WIDGET_ORIGIN is the same as PUBLIC_ORIGIN: leave it out, or name another host');
	for (const name of ['databaseDirectUrl', 'databaseRunUrl'] as const)
		if (config[name] && !config.databaseUrl)
			found.push(
				`${name === 'databaseRunUrl' ? 'DATABASE_RUN_URL' : 'DATABASE_DIRECT_URL'} is set without DATABASE_URL: set that too, or leave it out`
			);
	return found;
}

function portNumber(text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
		throw new Error(`is "${text}": write a number from 1 to 65535`);
	return port;
}

function hostOrAddress(text: string): string {
	if (!isIP(text) && !HOST_NAME.test(text))
		throw new Error(`is "${text}": write a host name or an address, such as 127.0.0.1 or 0.0.0.0`);
	return text;
}

function hostName(text: string): string {
	const name = text.toLowerCase();
	if (isIP(name) || !HOST_NAME.test(name) || !name.includes('.'))
		throw new Error(`has "${text}": write full host names, separated by commas`);
	return name;
}

function addressRange(text: string): string {
	const [address = '', bits, ...rest] = text.split('/');
	const family = isIP(address);
	const isRange =
		bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
	if (family === 0 || !isRange || rest.length > 0)
		throw new Error(`has "${text}": write addresses or ranges such as 10.0.0.0/8`);
	return text;
}

function parseUrl(text: string, schemes: readonly string[], example: string): URL {
	const url = URL.canParse(text) ? new URL(text) : null;
	if (!url || !schemes.includes(url.protocol))
		throw new Error(`is not a URL of the kind ${example}: write one`);
	return url;
}

function origin(text: string): string {
	const url = parseUrl(text, ['http:', 'https:'], 'https://chat.example.com');
	if (url.href !== `${url.origin}/` || text.endsWith('?') || text.endsWith('#'))
		throw new Error(`is "${text}": write scheme, host and port only, such as ${url.origin}`);
	return url.origin;
}

/** The text is not repeated in the message: it holds a password. */
function databaseUrl(text: string): string {
	const url = parseUrl(
		text,
		['postgres:', 'postgresql:'],
		'postgres://user:password@host/database'
	);
	if (url.pathname.length < 2) throw new Error('names no database: add it after the host');
	return text;
}

function secret(text: string): string {
	if (text.length < SECRET_LENGTH)
		throw new Error(
			`has ${text.length} characters: use ${SECRET_LENGTH} or more (openssl rand -hex 32)`
		);
	return text;
}

function contact(text: string): string {
	const isMail = /^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text);
	const isSite = /^https:\/\/[^/\s]+\.[^/\s]+/.test(text);
	// Apple refuses a localhost subject with a 403 that names no cause.
	if ((!isMail && !isSite) || /[@/.]localhost\b/.test(text))
		throw new Error(`is "${text}": write mailto:you@example.com or an https address of yours`);
	return text;
}

function proxy(text: string): string {
	return parseUrl(text, ['http:', 'https:'], 'http://proxy.example:3128').href;
}

/** The text is not repeated in the message: it holds a password. */
const smtpUrl = (text: string): string =>
	parseUrl(text, ['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587').href;

function sender(text: string): string {
	if (!/^([^<>@\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(text))
		throw new Error(`is "${text}": write an address, such as Bellhop <bellhop@example.com>`);
	return text;
}

function yesOrNo(text: string): boolean {
	if (!/^(0|1|true|false|yes|no)$/i.test(text)) throw new Error(`is "${text}": write 1 or 0`);
	return /^(1|true|yes)$/i.test(text);
}

const oneOf =
	<T extends string>(choices: readonly T[]): Parse<T> =>
	(text) => {
		const choice = choices.find((c) => c === text);
		if (choice === undefined) throw new Error(`is "${text}": write one of ${choices.join(', ')}`);
		return choice;
	};

const listOf =
	<T>(parse: Parse<T>): Parse<T[]> =>
	(text) =>
		text
			.split(',')
			.map((part) => part.trim())
			.filter((part) => part !== '')
			.map(parse);
