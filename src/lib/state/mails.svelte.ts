import { MailsResponse } from '#contract/members.ts';
import { get } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

/** Only an owner may read them. */
const ownedTeam = () => (session.role === 'owner' ? (session.team?.id ?? null) : null);
const list = new Loaded(ownedTeam, (id) => get(`/api/mails?team=${id}`, MailsResponse));

/** What has not left the server: mails that wait, failed, or have no server to go to. */
export const mails = {
	list,
	get areKept(): boolean {
		return list.value !== null && (!list.value.isMailServerSet || list.value.mails.length > 0);
	}
};
