/** Sizes that both ends hold to. Lengths are in UTF-16 code units, as `String.length` counts. */
export const LIMITS = {
	name: 255,
	email: 254,
	passwordMin: 10,
	password: 1024,
	messageBody: 8000,
	summary: 2000,
	reason: 500,
	presenceReason: 80,
	deviceName: 120,
	businessSpans: 50,
	holidays: 200,
	holidayName: 60,
	endpoint: 2048,
	timeZone: 64,
	quickQuestions: 8,
	quickQuestion: 200,
	greeting: 1000,
	websites: 50,
	roleName: 60,
	passkeyName: 60,
	botsPerMember: 200,
	/** Of an uploaded picture: bytes, pixels of its shorter side, pixels in all. */
	avatarBytes: 2 * 1024 * 1024,
	avatarSide: 400,
	avatarPixels: 24_000_000,
	pagesPerDevice: 32,
	mutationsPerRequest: 50,
	syncPage: 200,
	/** Bytes of a JSON request body. */
	bodyBytes: 256 * 1024
} as const;
