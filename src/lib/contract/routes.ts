/** The app's own pages: what the server answers with the shell and the worker serves offline. Nothing else is. */
export const APP_ROUTES = [
	/^\/$/,
	/^\/sign-(in|up)$/,
	/^\/(invitation|confirm-email|reset-password)$/,
	/^\/(chats|mine)(\/[0-9a-f-]{36})?$/,
	/^\/(notification|why|more)$/,
	/^\/(doctor|reachability|ladder|rings(\/why)?)$/,
	/^\/(profile|colleagues|members|team|coverage|log|mails)$/,
	/^\/bots(\/[0-9a-f-]{36})?$/
] as const;

export const isAppRoute = (path: string): boolean => APP_ROUTES.some((route) => route.test(path));

/** Where a notification leads. `delivery` lets the page report *opened* where the worker cannot run. */
export const conversationPath = (
	conversationId: string,
	query: { team: string; delivery?: string }
): string => `/chats/${conversationId}?${new URLSearchParams(query)}`;

/** Where a test notification leads: to the doctor, which says what came of it and reports it *opened*. */
export const testPath = (id: string): string => `/doctor?${new URLSearchParams({ test: id })}`;
