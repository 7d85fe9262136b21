import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import dbus from '@homebridge/dbus-native';

const NAME = 'org.freedesktop.Notifications';

/** Why a notification closed, in the desktop's numbers. */
const CLOSED = { byPerson: 2, byProgram: 3 };

export interface DesktopNotification {
	id: number;
	summary: string;
	body: string;
	/** By key; `default` is the notification itself. Keys are counters: look an action up by its label. */
	actions: Record<string, string>;
}

export type Desktop = Awaited<ReturnType<typeof startDesktop>>;

/** A private session bus with a notification daemon on it: what browsers show is read, pressed and dismissed. */
export async function startDesktop() {
	const { daemon, address } = await startBus();
	const bus = dbus.sessionBus({ busAddress: address.split(',guid')[0] });
	await new Promise<void>((resolve, reject) => {
		bus.requestName(NAME, 0, (error: Error | null) => (error ? reject(error) : resolve()));
	});
	const shown = new Map<number, DesktopNotification>();
	/** Everything that was ever shown, replacements included, the oldest first. */
	const history: DesktopNotification[] = [];
	/** What appeared, changed and went, in order. */
	const changes: { id: number; text: string | null }[] = [];
	const arrivals = new EventEmitter();
	let ids = 0;
	const remove = (id: number, reason: number) => {
		if (!shown.delete(id)) return;
		changes.push({ id, text: null });
		daemonInterface.emit('NotificationClosed', id, reason);
	};
	const daemonInterface = Object.assign(new EventEmitter(), {
		// Without the last, Chromium puts the origin into the body; without inline-reply it has no text actions.
		GetCapabilities: () => [
			'actions',
			'body',
			'body-markup',
			'icon-static',
			'persistence',
			'inline-reply',
			'x-kde-origin-name'
		],
		GetServerInformation: () => ['desktop in small', 'test', '1', '1.2'],
		Notify(...[, replaces, , summary, body, flat]: NotifyArguments) {
			const pairs = flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1] ?? '']] : []));
			const id = replaces || ++ids;
			const notification = { id, summary, body, actions: Object.fromEntries(pairs) };
			shown.set(id, notification);
			history.push(notification);
			changes.push({ id, text: `${summary} ${body}` });
			arrivals.emit('shown');
			return id;
		},
		CloseNotification(id: number) {
			remove(id, CLOSED.byProgram);
		}
	});
	bus.exportInterface(daemonInterface, '/org/freedesktop/Notifications', DESCRIPTION);
	const find = (matches: (n: DesktopNotification) => boolean) => [...shown.values()].find(matches);
	return {
		/** For the browser's process. */
		env: { DBUS_SESSION_BUS_ADDRESS: address },
		shown,
		history,
		/** The first notification that matches, now or within `ms`. */
		async waitFor(
			wanted: string | ((n: DesktopNotification) => boolean),
			ms = 60_000
		): Promise<DesktopNotification> {
			const matches =
				typeof wanted === 'function' ? wanted : (n: DesktopNotification) => n.summary === wanted;
			const signal = AbortSignal.timeout(ms);
			for (;;) {
				const found = find(matches);
				if (found) return found;
				await once(arrivals, 'shown', { signal }).catch(() => {
					const titles = history.map(({ summary }) => summary).join(', ') || 'nothing';
					throw new Error(`not shown within ${ms} ms: ${wanted}; shown so far: ${titles}`);
				});
			}
		},
		/** Resolves when anything is shown, or shown anew, from now on. */
		async arrival(ms: number): Promise<void> {
			await once(arrivals, 'shown', { signal: AbortSignal.timeout(ms) });
		},
		/** Presses the notification, or its action with this label. */
		press({ id, actions }: DesktopNotification, label?: string) {
			const key = label ? Object.keys(actions).find((k) => actions[k] === label) : 'default';
			if (!key) throw new Error(`no action ${label} among ${Object.values(actions).join(', ')}`);
			daemonInterface.emit('ActionInvoked', id, key);
		},
		/** Answers in the notification itself. */
		reply({ id }: DesktopNotification, text: string) {
			daemonInterface.emit('NotificationReplied', id, text);
		},
		dismiss: ({ id }: DesktopNotification) => remove(id, CLOSED.byPerson),
		/** How many notifications with this text stood beside one another at the worst moment. */
		mostAtOnce(text: string): number {
			const standing = new Set<number>();
			let most = 0;
			for (const change of changes) {
				if (change.text?.includes(text)) standing.add(change.id);
				else standing.delete(change.id);
				most = Math.max(most, standing.size);
			}
			return most;
		},
		async close() {
			bus.connection.end();
			daemon.kill();
			if (daemon.exitCode === null) await once(daemon, 'exit');
		}
	};
}

type NotifyArguments = [
	app: string,
	replaces: number,
	icon: string,
	summary: string,
	body: string,
	actions: string[]
];

/** Signatures in D-Bus's notation. */
const DESCRIPTION = {
	name: NAME,
	methods: {
		GetCapabilities: ['', 'as', [], ['capabilities']],
		GetServerInformation: ['', 'ssss', [], ['name', 'vendor', 'version', 'specification']],
		Notify: ['susssasa{sv}i', 'u', [], ['id']],
		CloseNotification: ['u', '', ['id'], []]
	},
	signals: {
		ActionInvoked: ['us', 'id', 'key'],
		NotificationClosed: ['uu', 'id', 'reason'],
		NotificationReplied: ['us', 'id', 'text']
	},
	properties: {}
};

async function startBus(): Promise<{ daemon: ChildProcess; address: string }> {
	const args = ['--session', '--nofork', '--print-address=1'];
	const daemon = spawn('dbus-daemon', args, { stdio: ['ignore', 'pipe', 'ignore'] });
	const failed = once(daemon, 'error').then(([error]) => {
		throw new Error('dbus-daemon did not start: install the package dbus-daemon', { cause: error });
	});
	const [line] = await Promise.race([once(daemon.stdout, 'data'), failed]);
	return { daemon, address: String(line).trim() };
}
