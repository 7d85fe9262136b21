/**
 * Version of everything that travels between an installed app, the widget and the server.
 * Installed apps speak last month's version: raise it whenever a shape here changes
 * (tests/unit/protocol-version.test.ts pins it to a hash of this folder).
 */
export const PROTOCOL_VERSION = 1;
/** The oldest protocol version the server still answers. */
export const MIN_PROTOCOL_VERSION = 1;
