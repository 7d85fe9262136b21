/** How far a first sync's walk is: all above `id` is sent, and of it the messages from `below` on. */
export interface Position {
	id: string;
	below: number;
}

export interface CursorParts {
	epoch: string;
	version: number;
	/** Only within a first sync. */
	position: Position | null;
}

/** Where a walk begins: above every id. */
export const TOP: Position = { id: 'ffffffff-ffff-ffff-ffff-ffffffffffff', below: 1 };

const FORM =
	/^([0-9a-f-]{36})\.(\d{1,15})(?:\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,9}))?$/;

export function formatCursor({ epoch, version, position }: CursorParts): string {
	const walk = position ? `.${position.id}.${position.below}` : '';
	return `${epoch}.${version}${walk}`;
}

/** Undefined for what this server never gave out; such a client begins anew. */
export function parseCursor(text: string): CursorParts | undefined {
	const [, epoch, version, id, below] = FORM.exec(text) ?? [];
	if (epoch === undefined) return undefined;
	const position = id === undefined ? null : { id, below: Number(below) };
	return { epoch, version: Number(version), position };
}
