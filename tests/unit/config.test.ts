import { expect, test } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../api/config.ts';

function problemsOf(env: Record<string, string>): string[] {
	try {
		readConfig(env);
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		return (error as Error).message.split('\n');
	}
	return [];
}

test('without any setting it listens on loopback, keeps its data in ./data and is closed to sign-ups', () => {
	const config = readConfig({});
	expect(config).toMatchObject({
		host: '127.0.0.1',
		port: 3000,
		publicOrigin: 'http://localhost:3000',
		demoPort: 3001,
		databaseUrl: undefined,
		isSignUpOpen: false,
		role: 'both'
	} satisfies Partial<Config>);
	expect(config.dataDir.endsWith('/data')).toBe(true);
});

test('the public origin follows the port unless it is given', () => {
	expect(readConfig({ PORT: '4100' }).publicOrigin).toBe('http://localhost:4100');
	expect(readConfig({ PUBLIC_ORIGIN: 'https://chat.example.com/' }).publicOrigin).toBe(
		'https://chat.example.com'
	);
});

test('an empty variable counts as not set', () => {
	expect(readConfig({ PORT: '', SECRET_KEY: ' ' })).toMatchObject({ port: 3000 });
});

test('every problem is told at once, one line each, beginning with the name of the variable', () => {
	const problems = problemsOf({
		PORT: 'eighty',
		SECRET_KEY: 'short',
		CONTACT: 'mailto:me@localhost',
		ROLE: 'king',
		DATABASE_RUN_URL: 'postgres://run@db/bellhop'
	});
	expect(problems.map((line) => line.split(' ')[0])).toEqual([
		'PORT',
		'SECRET_KEY',
		'CONTACT',
		'ROLE',
		'DATABASE_RUN_URL'
	]);
	for (const line of problems) expect(line).toMatch(/: \S/);
});

test.each([
	['PORT', '0'],
	['PORT', '65536'],
	['PORT', '3000x'],
	['DEMO_PORT', '3000'],
	['HOST', 'not a host'],
	['PUBLIC_ORIGIN', 'chat.example.com'],
	['PUBLIC_ORIGIN', 'https://chat.example.com/app'],
	['PUBLIC_ORIGIN', 'ftp://chat.example.com'],
	['WIDGET_ORIGIN', 'http://localhost:3000'],
	['DATABASE_URL', 'mysql://db/bellhop'],
	['DATABASE_URL', 'postgres://db'],
	['TRUSTED_PROXIES', '10.0.0.0/33'],
	['TRUSTED_PROXIES', 'proxy.local'],
	['CONTACT', 'https://localhost'],
	['CONTACT', 'ops@example.com'],
	['PUSH_PROXY', 'socks5://proxy'],
	['EXTRA_PUSH_HOSTS', '127.0.0.1'],
	['EXTRA_PUSH_HOSTS', 'push.example.com:8443'],
	['OPEN_SIGNUP', 'maybe'],
	['LOG_LEVEL', 'loud']
])('%s=%s is refused in one line', (name, value) => {
	const problems = problemsOf({ [name]: value });
	expect(problems).toHaveLength(1);
	expect(problems[0]).toMatch(new RegExp(`^${name} `));
});

test('a password in a database URL is not repeated', () => {
	expect(problemsOf({ DATABASE_URL: 'http://owner:hunter2@db/x' }).join()).not.toContain('hunter2');
});

test('lists are split at commas and trimmed', () => {
	const config = readConfig({
		TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,::1',
		EXTRA_PUSH_HOSTS: 'Push.Example.com'
	});
	expect(config.trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', '::1']);
	expect(config.extraPushHosts).toEqual(['push.example.com']);
});

test('a mail server and a sender are taken as mail programs write them', () => {
	const env = {
		SMTP_URL: 'smtps://bell:hop@mail.example.com',
		MAIL_FROM: 'Desk <desk@example.com>'
	};
	expect(readConfig(env)).toMatchObject({ smtpUrl: env.SMTP_URL, mailFrom: env.MAIL_FROM });
	expect(readConfig({ PUBLIC_ORIGIN: 'https://chat.example.com' }).mailFrom).toBe(
		'Bellhop <bellhop@chat.example.com>'
	);
	expect(problemsOf({ SMTP_URL: 'https://user:secret@mail', MAIL_FROM: 'desk' })).toEqual([
		expect.not.stringContaining('secret'),
		expect.stringMatching(/^MAIL_FROM is "desk": write/)
	]);
});
