import type { AuditEntry } from '#contract/audit.ts';
import type { Bot } from '#contract/entities.ts';
import { botsWord } from '$lib/components/bots-word.ts';
import { ROLE_NAMES } from '$lib/components/role.ts';

type Bots = readonly Pick<Bot, 'id' | 'name'>[];

/** What a change was to, as one line: "Role: Editor · Shop helper". What tells nobody anything is left out. */
export const detailsOf = ({ action, details }: AuditEntry, bots: Bots): string =>
	Object.entries(details)
		.flatMap(([name, value]) => {
			if (name === 'roleId') return [];
			if (name === 'botIds') return [botsWord({ botIds: strings(value) }, bots)];
			// The hash of a picture.
			if (name === 'avatar') return [`Picture: ${value === null ? 'none' : 'a new one'}`];
			const isRole = name === 'role' || (name === 'from' && action === 'member.changed');
			return [`${spaced(name)}: ${isRole ? roleName(value) : shown(value)}`];
		})
		.join(' · ');

const strings = (value: unknown): string[] | null => (Array.isArray(value) ? value : null);
const roleName = (role: unknown): string =>
	Object.entries(ROLE_NAMES).find(([key]) => key === role)?.[1] ?? shown(role);

/** "showAgentsAs" reads "Show agents as", "visibleS" reads "Visible (s)". */
function spaced(name: string): string {
	const words = name
		.replace(/S$/, ' (s)')
		.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
	return words.charAt(0).toUpperCase() + words.slice(1);
}

function shown(value: unknown): string {
	if (value === null || value === '') return 'none';
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	if (!Array.isArray(value))
		return typeof value === 'object'
			? Object.entries(value)
					.map(([name, part]) => `${spaced(name).toLowerCase()} ${shown(part)}`)
					.join(', ')
			: String(value);
	const isText = value.every((part) => typeof part === 'string');
	return value.length > 0 && isText ? value.join(', ') : value.length ? `${value.length}` : 'none';
}
