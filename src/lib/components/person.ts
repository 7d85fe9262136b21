/** How colleagues read somebody: first and last name, else the email address. */
export const nameOf = ({
	firstName,
	lastName,
	email
}: {
	firstName: string;
	lastName: string;
	email: string;
}): string => `${firstName} ${lastName}`.trim() || email;
