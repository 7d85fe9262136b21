// What the tests in real browsers need of the machine, and where it is.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * `variable`: overrides where it is; `commands`: its names on PATH, the first wanted first; `library`: a shared
 * library instead; `debian`: the package that has it.
 * @typedef {{ name: string, variable?: string, commands?: string[], library?: string, debian: string }} Tool
 */

/** @satisfies {Record<string, Tool>} */
export const TOOLS = {
	chromium: {
		name: 'Chromium',
		variable: 'CHROMIUM',
		commands: ['chromium', 'google-chrome', 'chromium-browser'],
		debian: 'chromium'
	},
	firefox: {
		name: 'Firefox ESR',
		variable: 'FIREFOX',
		commands: ['firefox-esr', 'firefox'],
		debian: 'firefox-esr'
	},
	libnotify: { name: 'libnotify4', library: 'libnotify.so.4', debian: 'libnotify4' },
	dbus: { name: 'dbus-daemon', commands: ['dbus-daemon'], debian: 'dbus-daemon' },
	openssl: { name: 'openssl', commands: ['openssl'], debian: 'openssl' }
};

/** @param {string} file @returns {boolean} */
function isExecutable(file) {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** @param {Tool} tool @returns {string | undefined} the path of its program */
export function findTool({ variable, commands = [] }) {
	const chosen = variable && process.env[variable];
	const names = chosen ? [chosen] : commands;
	const folders = (process.env.PATH ?? '').split(delimiter);
	return names
		.flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))))
		.find(isExecutable);
}

/** @param {string} library @returns {boolean} */
function hasLibrary(library) {
	const folders = ['/sbin', '/usr/sbin', process.env.PATH].join(delimiter);
	const { stdout } = spawnSync('ldconfig', ['-p'], {
		encoding: 'utf8',
		env: { ...process.env, PATH: folders }
	});
	return stdout?.includes(library) ?? false;
}

/** @returns {Tool[]} */
export function missingTools() {
	const tools = /** @type {Tool[]} */ (Object.values(TOOLS));
	return tools.filter((tool) => (tool.library ? !hasLibrary(tool.library) : !findTool(tool)));
}
