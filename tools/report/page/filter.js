// SPDX-License-Identifier: Apache-2.0
// "tokens_per_s>50 engine=lut-i time_s.total<=20ms edge": terms that all hold.
import {named} from './columns.js';

const FACTORS = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  m: 1e-3,
  u: 1e-6,
  µ: 1e-6,
  n: 1e-9,
  p: 1e-12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/// "20ms" as a number in the base unit of a column.
export function parseNumber(text, unit) {
  const match = /^([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)(.*)$/i.exec(text);
  const value = match ? Number(match[1]) : NaN;
  let prefix = match ? match[2] : '';
  if (unit && prefix.endsWith(unit)) prefix = prefix.slice(0, -unit.length);
  if (Number.isNaN(value) || !(prefix in FACTORS))
    throw new Error(`'${text}' is no number${unit ? ` in ${unit}` : ''}`);
  return value * FACTORS[prefix];
}

const RELATIONS = {
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '!=': (a, b) => a !== b,
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};

function holds(term, columns) {
  const match = /^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/.exec(term);
  if (!match) {
    const word = term.toLowerCase();
    const texts = columns.filter(c => !c.isNumber);
    const hits = texts.map(c => c.categories.map(t => t.toLowerCase().includes(word)));
    return i => texts.some((c, k) => hits[k][c.numbers[i]]);
  }
  const column = named(columns, match[1]),
    relation = RELATIONS[match[2]];
  if (!column.isNumber) {
    if (match[2] !== '=' && match[2] !== '!=') throw new Error(`${column.key} is text: = or !=`);
    return i => relation(String(column.raw[i]), match[3]);
  }
  const bound = parseNumber(match[3], column.unit);
  return i => relation(column.numbers[i], bound);
}

/// A mask of the points that fulfil a text, null for an empty one. Throws Error with what is wrong.
export function filterMask(text, columns, count) {
  const terms = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(t => holds(t, columns));
  if (terms.length === 0) return null;
  return Uint8Array.from({length: count}, (_, i) => (terms.every(t => t(i)) ? 1 : 0));
}
