/** First and last name; empty where the profile has neither. */
export const fullName = ({
	firstName,
	lastName
}: {
	firstName: string;
	lastName: string;
}): string => `${firstName.trim()} ${lastName.trim()}`.trim();

/** What colleagues read. Never for visitors: it may be the email address. */
export const colleagueName = (user: {
	firstName: string;
	lastName: string;
	email: string;
}): string => fullName(user) || user.email;
