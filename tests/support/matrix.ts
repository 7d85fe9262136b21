import { newId } from '#contract/ids.ts';
import type { MutationCall } from '#contract/mutations.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { makeMailedToken } from '../../api/domain/account/mailed-token.ts';
import { hashPassword } from '../../api/domain/account/password.ts';
import { saveEmailChange } from '../../api/store/email-change.ts';
import { insertInvitation } from '../../api/store/invitation.ts';
import { updateMember } from '../../api/store/member.ts';
import { saveRole } from '../../api/store/role.ts';
import { savePasswordHash } from '../../api/store/user.ts';
import type { Client, TestApp, TestTeam } from './app.ts';
import { callPerson, mutation } from './chat.ts';

export const PASSWORD = 'seven wet umbrellas';
const WEEK_MS = 7 * 86_400_000;

/** Who asks: a role in the team itself, the owner of another team, an admin without access to the bot, nobody. */
export const CALLERS = [
	...(['owner', 'admin', 'editor', 'agent', 'viewer'] as const),
	...(['custom', 'stranger', 'unlisted', 'nobody'] as const)
] as const;
export type Caller = (typeof CALLERS)[number];

/** One team, one who asks, and whatever their request is about, made when it is needed. */
export interface World {
	app: TestApp;
	as: Client;
	/** Of who asks; of nobody's a made-up one. */
	userId: string;
	email: string;
	team: TestTeam;
	/** A viewer of the team. */
	colleague(): Promise<string>;
	roleId(): Promise<string>;
	invitation(email?: string): Promise<{ id: string; token: string }>;
	emailToken(): Promise<string>;
	/** A chat of the team's bot that waits for a person. */
	chat(): Promise<string>;
}

let hash: Promise<string> | undefined;
/** Made once: it takes as long as all the rest of a world. */
const passwordHash = () => {
	hash ??= hashPassword(PASSWORD);
	return hash;
};

async function callerOf(app: TestApp, team: TestTeam, caller: Caller) {
	if (caller === 'nobody')
		return { as: app.stranger(), userId: newId(), email: `${newId()}@example.com` };
	const role = { stranger: 'owner', unlisted: 'admin', custom: 'viewer' } as const;
	const agent = await app.signedInAgent({
		...(caller !== 'stranger' && { team }),
		role: caller in role ? role[caller as keyof typeof role] : (caller as 'owner')
	});
	await savePasswordHash(app.db.person, agent.userId, await passwordHash());
	const { userId, email } = agent;
	await app.db.team(team.id, async (tx) => {
		if (caller === 'custom') {
			const id = newId();
			await saveRole(tx, {
				id,
				name: 'People desk',
				permissions: ['chat.view', 'member.manage', 'log.view']
			});
			await updateMember(tx, userId, { role: 'custom', roleId: id, botIds: null });
		}
	});
	if (caller === 'unlisted') {
		const other = await app.newBot(team);
		await app.db.team(team.id, (tx) =>
			updateMember(tx, userId, { role: 'admin', roleId: null, botIds: [other.id] })
		);
	}
	return { as: agent, userId, email };
}

export async function worldOf(app: TestApp, caller: Caller): Promise<World> {
	const team = await app.newTeam();
	const { as, userId, email } = await callerOf(app, team, caller);
	return {
		app,
		as,
		userId,
		email,
		team,
		async colleague() {
			return (await app.signedInAgent({ team, role: 'viewer' })).userId;
		},
		async roleId() {
			const id = newId();
			await app.db.team(team.id, (tx) =>
				saveRole(tx, { id, name: 'Nobody’s', permissions: ['chat.view'] })
			);
			return id;
		},
		async invitation(to = `${newId()}@example.com`) {
			const { token, digest } = makeMailedToken();
			const id = newId();
			const now = app.clock.now();
			await app.db.team(team.id, (tx) =>
				insertInvitation(tx, {
					...{ id, email: to, role: 'viewer', roleId: null, botIds: [], digest },
					...{ invitedBy: team.ownerId, createdAt: now, expiresAt: now + WEEK_MS }
				})
			);
			return { id, token };
		},
		async emailToken() {
			const { id } = await app.newUser();
			const { token, digest } = makeMailedToken();
			const change = { userId: id, email: `${newId()}@example.com`, digest };
			await saveEmailChange(app.db.person, { ...change, expiresAt: app.clock.now() + WEEK_MS });
			return token;
		},
		async chat() {
			const id = newId();
			await callPerson(await app.newVisitor({ team }), id);
			return id;
		}
	};
}

/** One call of the outbox. */
export const mutate = ({ as, team, userId }: World, call: MutationCall): Promise<Response> =>
	as.post('/api/mutations', {
		protocol: PROTOCOL_VERSION,
		teamId: team.id,
		userId,
		deviceId: newId(),
		mutations: [mutation(call)]
	});

/** Y: done. What else: B refused input, U not signed in, F forbidden, N not there, C conflict. */
export async function letterOf(response: Response): Promise<string> {
	const letters: Record<string, string> = {
		invalid: 'B',
		unauthenticated: 'U',
		forbidden: 'F',
		not_found: 'N',
		conflict: 'C'
	};
	if (response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
		await response.body?.cancel();
		return 'Y';
	}
	const text = await response.text();
	const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
	const body = isJson ? JSON.parse(text) : {};
	const error = body.error ?? body.results?.[0]?.error;
	if (!error && response.ok) return 'Y';
	return letters[error?.code] ?? `${response.status} ${text}`;
}
