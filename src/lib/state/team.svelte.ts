import { Me } from '#contract/auth.ts';
import type { TeamSettingsRequest } from '#contract/brand.ts';
import type { CustomRole } from '#contract/members.ts';
import { newId } from '#contract/new-id.ts';
import { request } from '../sync/request.ts';
import { tell } from './api.ts';
import { members } from './members.svelte.ts';
import { session } from './session.svelte.ts';

export type TeamSettings = Omit<TeamSettingsRequest, 'teamId'>;

const id = () => session.team?.id ?? '';

/** The active team itself, and the person's list of teams. All of it throws ApiFailure or Offline. */
export const team = {
	async save(settings: TeamSettings): Promise<void> {
		await tell('PUT', '/api/teams/settings', { teamId: id(), ...settings });
		await session.refresh();
	},
	/** Null takes the picture away. */
	async setPicture(file: Blob | null): Promise<void> {
		if (file) await tell('PUT', `/api/teams/avatar?team=${id()}`, file);
		else await tell('DELETE', '/api/teams/avatar', { teamId: id() });
		await session.refresh();
	},
	/** A new role where `role` has no id. */
	async saveRole(role: Omit<CustomRole, 'id'> & { id?: string }): Promise<void> {
		await tell('PUT', '/api/teams/roles', { id: newId(), ...role, teamId: id() });
		await Promise.all([members.roles.load(), session.refresh()]);
	},
	async deleteRole(roleId: string): Promise<void> {
		await tell('DELETE', '/api/teams/roles', { teamId: id(), id: roleId });
		await members.roles.load();
	},
	/** Makes a team and opens it. */
	async create(name: string): Promise<void> {
		const before = new Set(session.me?.teams.map((entry) => entry.team.id));
		const me = await request({ method: 'POST', path: '/api/teams', body: { name }, schema: Me });
		const made = me.teams.find((entry) => !before.has(entry.team.id));
		await session.adopt(me, made?.team.id);
	},
	async leave(teamId: string): Promise<void> {
		await tell('POST', '/api/members/leave', { teamId });
		await session.refresh();
	},
	/** The one that opens first. */
	async makeDefault(teamId: string): Promise<void> {
		await tell('PUT', '/api/profile/default-team', { teamId });
		await session.refresh();
	}
};
