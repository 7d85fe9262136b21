/** The four colours the widget derives from a team's brand colour; `#rrggbb` all. */
export interface BrandColors {
	/** Launcher, own bubbles, buttons. */
	brand: string;
	/** Text and icons on `brand`: at least 4.5:1. */
	onBrand: string;
	/** Brand-coloured text and outlines on the surface and on `brandSoft`: at least 4.5:1. */
	brandInk: string;
	/** A tint of the surface. */
	brandSoft: string;
}

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** The surfaces of the widget's two themes, as in widget.css. */
const SURFACE = { light: WHITE, dark: [17, 25, 28] as Rgb };
const FALLBACK: Rgb = [14, 111, 116];
const READABLE = 4.5;
/** On dark the brand also has to glow a little, as the agents' app does. */
const BRIGHT = 6;

function parse(hex: string): Rgb {
	const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(hex);
	const long = short
		? `${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}`
		: /^#([\da-f]{6})$/i.exec(hex)?.[1];
	if (!long) return FALLBACK;
	const value = Number.parseInt(long, 16);
	return [value >> 16, (value >> 8) & 255, value & 255];
}

const format = (color: Rgb): string =>
	`#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

const mix = (from: Rgb, to: Rgb, share: number): Rgb =>
	from.map((part, i) => Math.round(part + ((to[i] ?? 0) - part) * share)) as unknown as Rgb;

/** Relative luminance, WCAG 2.2. */
function luminance(color: Rgb): number {
	const [r = 0, g = 0, b = 0] = color.map((part) => {
		const share = part / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrastOf(a: Rgb, b: Rgb): number {
	const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
	return (light + 0.05) / (dark + 0.05);
}

/** The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2). */
export const contrast = (a: string, b: string): number => contrastOf(parse(a), parse(b));

/** Moves a colour towards white or black, by the least that gives `ratio` on every ground. */
function standOut(color: Rgb, towards: Rgb, ratio: number, grounds: readonly Rgb[]): Rgb {
	for (let share = 0; share < 1; share += 0.04) {
		const moved = mix(color, towards, share);
		if (grounds.every((ground) => contrastOf(moved, ground) >= ratio)) return moved;
	}
	return towards;
}

/**
 * Derives readable colours from any brand colour (`#rgb` or `#rrggbb`; anything else counts as the
 * product's teal). On dark the brand itself is lightened until it stands out from the surface.
 */
export function brandColors(hex: string, theme: 'light' | 'dark'): BrandColors {
	const surface = SURFACE[theme];
	const isDark = theme === 'dark';
	const brand = isDark ? standOut(parse(hex), WHITE, BRIGHT, [surface]) : parse(hex);
	const brandSoft = mix(surface, brand, isDark ? 0.2 : 0.12);
	const brandInk = standOut(brand, isDark ? WHITE : BLACK, READABLE, [surface, brandSoft]);
	// One of the two always reaches 4.5, since 21 / 4.5 > 4.5.
	const onBrand = contrastOf(brand, WHITE) >= READABLE ? WHITE : BLACK;
	return {
		brand: format(brand),
		onBrand: format(onBrand),
		brandInk: format(brandInk),
		brandSoft: format(brandSoft)
	};
}
