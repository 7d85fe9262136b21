import type { TeamNotificationSettings, TeamSettingsRequest } from '#contract/notifications.ts';
import { findTeamSettings, saveTeamSettings } from '../../store/notification-team-settings.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireMember, requirePermission } from '../team/access.ts';
import { DEFAULT_TEAM_SETTINGS } from './preferences.ts';

type Wanted = Omit<TeamSettingsRequest, 'teamId' | 'isSecretRenewed'>;

/** What the push side knows about webhooks. */
export interface WebhookRules {
	/** Why a webhook may not go to a URL; null: it may. */
	refuseUrl(url: string): string | null;
	/** A new secret, as the database keeps it. */
	newSecret(): string;
	/** The same as the receiver needs it; null where another key has sealed it. */
	shownSecret(sealed: string): string | null;
}

/** The team's ladder, whom it ends with and what lock screens may show, for those who manage the team. */
export function readTeamSettings(
	ctx: AgentCtx,
	rules: WebhookRules,
	{ teamId }: { teamId: string }
): Promise<TeamNotificationSettings> {
	return ctx.db.team(teamId, (tx) => settingsHere({ ...ctx, tx }, rules));
}

/** The same, within the caller's transaction. */
export async function settingsHere(
	{ tx, actor }: InTeam<AgentCtx>,
	rules: WebhookRules
): Promise<TeamNotificationSettings> {
	requirePermission(await requireMember(tx, actor.userId), 'team.manage');
	const found = await findTeamSettings(tx);
	if (!found) return DEFAULT_TEAM_SETTINGS;
	const sealed = found.webhookSecret;
	if (sealed === null) return found;
	const webhookSecret = rules.shownSecret(sealed);
	return { ...found, webhookSecret, ...(webhookSecret === null && { isSecretUnreadable: true }) };
}

export function changeTeamSettings(
	ctx: AgentCtx,
	rules: WebhookRules,
	{ teamId, isSecretRenewed = false, ...wanted }: TeamSettingsRequest
): Promise<TeamNotificationSettings> {
	refuseBad(wanted, rules);
	return ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		const before = await findTeamSettings(tx);
		const { webhookUrl } = wanted;
		const isSame =
			!isSecretRenewed && before?.webhookUrl === webhookUrl && before.webhookSecret !== null;
		const webhookSecret =
			webhookUrl === null ? null : isSame ? before.webhookSecret : rules.newSecret();
		await saveTeamSettings(tx, { ...wanted, webhookSecret });
		const isNewSecret = webhookSecret !== null && !isSame;
		await record(
			{ ...ctx, tx },
			{ action: 'notifications.changed', details: logged(wanted, isNewSecret) }
		);
		return settingsHere({ ...ctx, tx }, rules);
	});
}

/** For the log: that there is a new secret, never the secret; of the webhook's address, which may hold a key, the host. */
const logged = ({ webhookUrl, ...rest }: Wanted, isNewSecret: boolean) => ({
	...rest,
	webhookHost: webhookUrl === null ? null : new URL(webhookUrl).host,
	isNewSecret
});

function refuseBad(wanted: Wanted, rules: WebhookRules): void {
	const { webhookUrl, tellBy, everyoneAfterS, adminsAfterS } = wanted;
	const refusal = webhookUrl === null ? null : rules.refuseUrl(webhookUrl);
	if (refusal)
		throw new DomainError('invalid', `webhookUrl is ${refusal}.`, {
			field: 'webhookUrl',
			remedy: 'Name an https address on port 443 that the public internet reaches.'
		});
	if (tellBy === 'webhook' && webhookUrl === null)
		throw new DomainError('invalid', 'webhookUrl is missing.', {
			field: 'webhookUrl',
			remedy: 'Name the webhook’s address, or choose email.'
		});
	if (adminsAfterS <= everyoneAfterS)
		throw new DomainError('invalid', 'adminsAfterS comes before everyone is rung.', {
			field: 'adminsAfterS',
			remedy: 'Choose a longer time than for everyone.'
		});
}
