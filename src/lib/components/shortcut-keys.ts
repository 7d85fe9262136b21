export type KeyAction = 'next' | 'previous' | 'reply' | 'note' | 'resolve' | 'claim' | 'back';

const KEYS: Record<string, KeyAction> = {
	j: 'next',
	k: 'previous',
	r: 'reply',
	n: 'note',
	e: 'resolve',
	a: 'claim',
	escape: 'back'
};

/** What a key means outside fields, menus and dialogs; null for all others. */
export function keyAction(event: KeyboardEvent): KeyAction | null {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
	const target = event.target instanceof Element ? event.target : null;
	if (target?.closest('[role=menu], [role=dialog], [role=alertdialog]')) return null;
	const isField = target?.closest('input, textarea, select, [contenteditable]') ?? null;
	const action = KEYS[event.key.toLowerCase()] ?? null;
	if (!isField) return action;
	// Escape leaves the field first; the next press goes back.
	if (action === 'back' && target instanceof HTMLElement) target.blur();
	return null;
}
