/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe instead. */
function cell(value: string): string {
	const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return `"${text.replaceAll('"', '""')}"`;
}

export const csvOf = (rows: readonly (readonly string[])[]): string =>
	rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
