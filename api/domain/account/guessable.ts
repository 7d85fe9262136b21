import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LIMITS } from '#contract/limits.ts';
import { findTeam, teamsOfUser } from '../../store/team.ts';
import type { UserRow } from '../../store/user.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** What a guesser knows of somebody. */
export interface Known {
	email: string;
	firstName?: string;
	lastName?: string;
	teamNames?: readonly string[];
}

/** The same of somebody who has an account: their names, their address and what their teams are called. */
export async function knownOf({ db }: Pick<Ctx, 'db'>, user: UserRow): Promise<Known> {
	const teamNames: string[] = [];
	for (const teamId of await teamsOfUser(db.person, user.id))
		teamNames.push((await db.team(teamId, findTeam))?.name ?? '');
	return { ...user, teamNames };
}

/** Words that belong to this place: a password of little else is guessed first. docs/security.md lists them. */
export const CONTEXT_WORDS = [
	...['bellhop', 'livechat', 'chat', 'support', 'helpdesk', 'service', 'agent', 'team'],
	...['administrator', 'admin', 'owner', 'editor', 'viewer', 'password', 'passwort', 'secret'],
	...['welcome', 'login', 'signin', 'changeme', 'letmein', 'qwerty']
] as const;

/** Fewer letters than this beside known words make no password. */
const LETTERS_LEFT = 4;
const SHORTEST_WORD = 3;

/** Of each password the first bytes of its SHA-256, sorted (scripts/common-passwords.ts). */
const COMMON_FILE = new URL('./common-passwords.bin', import.meta.url);
const DIGEST_BYTES = 5;
let common: Buffer | undefined;

function isCommon(password: string): boolean {
	common ??= readFileSync(COMMON_FILE);
	const wanted = createHash('sha256').update(password).digest().subarray(0, DIGEST_BYTES);
	let [low, high] = [0, common.length / DIGEST_BYTES];
	while (low < high) {
		const middle = (low + high) >>> 1;
		const at = middle * DIGEST_BYTES;
		const order = wanted.compare(common, at, at + DIGEST_BYTES);
		if (order === 0) return true;
		if (order < 0) high = middle;
		else low = middle + 1;
	}
	return false;
}

/** A password and the words in it compared alike, however a keyboard composed them. */
const plainOf = (text: string) => text.normalize('NFKC').toLowerCase();

/** Known words, digits and signs, and hardly a letter beside them: "Bellhop2026!". */
function isMadeOf(password: string, words: readonly string[]): boolean {
	const longestFirst = words
		.filter((word) => word.length >= SHORTEST_WORD)
		.sort((a, b) => b.length - a.length);
	const rest = longestFirst.reduce((text, word) => text.replaceAll(word, ' '), password);
	return rest !== password && rest.replace(/\P{L}/gu, '').length < LETTERS_LEFT;
}

const wordsOf = ({ email, firstName = '', lastName = '', teamNames = [] }: Known): string[] => [
	...[email, firstName, lastName, ...teamNames]
		.map(plainOf)
		.flatMap((text) => [text, ...text.split(/[^\p{L}]+/u)]),
	...CONTEXT_WORDS
];

/**
 * Throws `invalid` for a password that a guesser tries first: one of the 40,000 commonest that are long enough, one
 * character again and again, or little more than words that belong to the person, their team or this product.
 */
export function refuseGuessable(password: string, known: Known): void {
	const plain = plainOf(password);
	const isOneCharacter = new Set(plain).size === 1;
	if (!isOneCharacter && !isCommon(plain) && !isMadeOf(plain, wordsOf(known))) return;
	throw new DomainError('invalid', 'This password is among the first that anybody would guess.', {
		field: 'password',
		remedy: `Choose another of at least ${LIMITS.passwordMin} characters; a few random words do well.`
	});
}
