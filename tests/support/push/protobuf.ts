/** Just enough of protobuf's wire format for Google's push service in small. */

export function varint(value: number | bigint): Buffer {
	const bytes: number[] = [];
	let rest = BigInt(value);
	do {
		const low = Number(rest & 127n);
		rest >>= 7n;
		bytes.push(rest > 0n ? low | 128 : low);
	} while (rest > 0n);
	return Buffer.from(bytes);
}

export const int = (field: number, value: number | bigint): Buffer =>
	Buffer.concat([varint(field << 3), varint(value)]);

export function fixed64(field: number, value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(value);
	return Buffer.concat([varint((field << 3) | 1), bytes]);
}

export function bytes(field: number, value: string | Buffer): Buffer {
	const content = Buffer.from(value as string);
	return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

/** The value at `at` and where the next thing starts; undefined where it is cut short. */
export function readVarint(buffer: Buffer, at: number): [value: number, next: number] | undefined {
	let value = 0n;
	for (let i = at, shift = 0n; i < buffer.length; i++, shift += 7n) {
		const byte = buffer[i] ?? 0;
		value |= BigInt(byte & 127) << shift;
		if (byte < 128) return [Number(value), i + 1];
	}
	return undefined;
}

/** The first text of each length-delimited field. */
export function firstStrings(buffer: Buffer): Record<number, string> {
	const found: Record<number, string> = {};
	for (let at = 0; at < buffer.length; ) {
		const [key, next] = readVarint(buffer, at) ?? [0, buffer.length];
		const kind = key & 7;
		if (kind === 2) {
			const [length, start] = readVarint(buffer, next) ?? [0, buffer.length];
			found[key >> 3] ??= buffer.subarray(start, start + length).toString();
			at = start + length;
		} else if (kind === 0) at = readVarint(buffer, next)?.[1] ?? buffer.length;
		else at = next + (kind === 1 ? 8 : 4);
	}
	return found;
}
