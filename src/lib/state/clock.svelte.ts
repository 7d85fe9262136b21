/** The server's time in milliseconds since 1970, ticking each second while something reads it. */
export const clock: { readonly now: number } = {
	get now() {
		return Date.now();
	}
};
