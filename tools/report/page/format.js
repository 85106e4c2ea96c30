// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them. The page keeps the raw ones.

const PREFIXES = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
  [1e-12, 'p'],
  [1e-15, 'f'],
];
const SPACE = '\u202f';
/// Units that take a prefix; the others stand behind the plain number as they are shown here.
const PREFIXED = new Set(['s', 'J', 'W', 'B', 'B/s', 'Hz', 'FLOP', 'FLOP/s', 'bit', 'bit/s']);
const SHOWN = {mm2: 'mm²', 1: '', '1/s': '/s', '1/J': '/J', '1e12/s': 'TOPS', '1e12/J': 'TOPS/W'};
export const NOTHING = '–';

/// `value` to `count` significant digits, with thousands apart.
export function digits(value, count = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e10)) {
    return Number(value.toPrecision(count)).toExponential().replace('e+', 'e');
  }
  return value.toLocaleString('en', {maximumSignificantDigits: Math.max(count, size >= 1000 ? 4 : 1)});
}

/// "20.9 ms", "29.5 mm²", "1.2 k" for a count.
export function quantity(value, unit = '', count = 3) {
  if (typeof value === 'boolean' || typeof value === 'string') return String(value);
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  if (PREFIXED.has(unit)) {
    const size = Math.abs(value);
    const [factor, prefix] = size === 0 ? [1, ''] : PREFIXES.find(p => size >= p[0] * 0.99995) || PREFIXES.at(-1);
    return digits(value / factor, count) + SPACE + prefix + unit;
  }
  const shown = SHOWN[unit] ?? unit;
  return digits(value, count) + (shown ? SPACE + shown : '');
}

export const percent = (share, count = 3) =>
  share === null || share === undefined || Number.isNaN(share)
    ? NOTHING
    : `${share !== 0 && Math.abs(share) < 5e-5 ? '<0.01' : +(share * 100).toPrecision(count)}${SPACE}%`;

export const interval = (low, high, unit = '', count = 3) =>
  `[${quantity(low, unit, count)} .. ${quantity(high, unit, count)}]`;

/// A key of a result as words: "wait_memory" to "wait memory".
export const words = key => key.replaceAll('_', ' ');

/// One field of a CSV line, quoted where it must be.
export function csvField(value) {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/// A word for a POSIX shell.
export const shellWord = text => (/^[A-Za-z0-9_./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
