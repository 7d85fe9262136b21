import type { DryRunRow, TeamNotificationSettings } from '#contract/notifications.ts';

/** "30 s", "2 min", "1 min 30 s" */
export function duration(seconds: number): string {
	const minutes = Math.floor(seconds / 60);
	const rest = seconds % 60;
	if (minutes === 0) return `${rest} s`;
	return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

export interface Rung {
	when: string;
	who: string;
	detail: string;
}

type Settings = Pick<
	TeamNotificationSettings,
	| 'isLadderOn'
	| 'everyoneAfterS'
	| 'adminsAfterS'
	| 'tellBy'
	| 'isMailServerSet'
	| 'isSecretUnreadable'
>;

const TOLD: Record<TeamNotificationSettings['tellBy'], string> = {
	email: 'Admins get an email.',
	webhook: 'The webhook is called.',
	nobody: 'Nobody else is told.'
};

const NOT_MAILED = 'No mail server is set: a mail to the admins stays in Bellhop.';
const NOT_SIGNED = 'The webhook cannot be signed.';

function toldOf({ tellBy, isMailServerSet, isSecretUnreadable }: Settings): string {
	const mailed = isMailServerSet === false ? NOT_MAILED : TOLD.email;
	if (tellBy === 'email') return mailed;
	return tellBy === 'webhook' && isSecretUnreadable ? `${NOT_SIGNED} ${mailed}` : TOLD[tellBy];
}

/** The rungs of the ladder as the settings make it. */
export function rungs(settings: Settings): Rung[] {
	const { isLadderOn, everyoneAfterS, adminsAfterS } = settings;
	if (!isLadderOn)
		return [{ when: 'At once', who: 'Everyone who allows it', detail: 'Once. Nothing follows.' }];
	return [
		{
			when: 'At once',
			who: 'Whoever is online',
			detail: 'With nobody online, everyone who allows it.'
		},
		{
			when: `After ${duration(everyoneAfterS)}`,
			who: 'Everyone who allows it',
			detail: 'Offline colleagues too, on every device that rings.'
		},
		{
			when: `After ${duration(adminsAfterS)}`,
			who: 'Everyone again, and the admins',
			detail: `${toldOf(settings)} The visitor is told the truth and asked for an email address.`
		}
	];
}

/** Choices of a time, with the one that holds now among them. */
export const times = (choices: readonly number[], current: number) =>
	[...new Set([...choices, current])]
		.sort((a, b) => a - b)
		.map((value) => ({ value: String(value), label: duration(value) }));

export const STEP_NAMES: Record<DryRunRow['step'], string> = {
	first: 'At once',
	everyone: 'Nobody answered',
	admins: 'Still nobody'
};
