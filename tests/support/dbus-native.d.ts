declare module '@homebridge/dbus-native' {
	import type { EventEmitter } from 'node:events';

	interface Bus {
		requestName(name: string, flags: number, done: (error: Error | null) => void): void;
		exportInterface(implementation: EventEmitter, path: string, description: object): void;
		connection: { end(): void };
	}
	const dbus: { sessionBus(options: { busAddress: string | undefined }): Bus };
	export default dbus;
}
