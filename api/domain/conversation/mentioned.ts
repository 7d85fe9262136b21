interface Colleague {
	userId: string;
	firstName: string;
	lastName: string;
}

/**
 * Whom a note addresses: `@First Last`, or `@First` where one colleague alone goes by it. Whatever the case,
 * and only as a whole word.
 */
export function mentioned(body: string, colleagues: readonly Colleague[]): string[] {
	const text = body.toLowerCase();
	const isNamed = (name: string) => {
		if (name === '') return false;
		const at = `@${name.toLowerCase()}`;
		for (let i = text.indexOf(at); i >= 0; i = text.indexOf(at, i + 1))
			if (!/[\p{L}\p{N}]/u.test(text.charAt(i + at.length))) return true;
		return false;
	};
	const sharing = (firstName: string) =>
		colleagues.filter((other) => other.firstName.toLowerCase() === firstName.toLowerCase()).length;
	return colleagues
		.filter(
			({ firstName, lastName }) =>
				isNamed(`${firstName} ${lastName}`.trim()) ||
				(sharing(firstName) === 1 && isNamed(firstName))
		)
		.map(({ userId }) => userId);
}
