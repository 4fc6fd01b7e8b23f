/**
 * The instrument's colour map Ember: lightness rises from the quietest value to the loudest.
 *
 * Source: Ottosson 2020 (the OKLCH colour space).
 */

const LIGHTNESS = [0.13, 0.97] as const;
const CHROMA = 0.17;
const HUE = [300, 450] as const;
const CONTRAST = 1.5;

/** 256 colours: red, green, blue from 0 to 255. */
export const EMBER: readonly (readonly [number, number, number])[] = Array.from({ length: 256 }, (_, i) => {
  const t = i / 255;
  const lightness = LIGHTNESS[0] + (LIGHTNESS[1] - LIGHTNESS[0]) * t ** CONTRAST;
  const chroma = CHROMA * Math.sin(Math.PI * Math.min(Math.max(t * 0.9 + 0.06, 0), 1)) ** 0.8;
  const hue = ((HUE[0] + (HUE[1] - HUE[0]) * t) * Math.PI) / 180;
  return rgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
});

function rgb(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encodeSrgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encodeSrgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encodeSrgb(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function encodeSrgb(linear: number): number {
  const value = Math.min(Math.max(linear, 0), 1);
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}
