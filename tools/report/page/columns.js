// SPDX-License-Identifier: Apache-2.0
// Columns of a sweep: one value a point, as numbers or as texts.
import {quantity} from './format.js';

/// The values of a column as the page carries them: {all}, {dict, index} or {list}.
export function decode(values, count) {
  if ('list' in values) return values.list;
  if ('index' in values) return values.index.map(i => values.dict[i]);
  return new Array(count).fill(values.all);
}

export class Column {
  constructor({key, unit = '', role = 'point', meaning = '', goal, values, low, high}, count) {
    Object.assign(this, {key, unit, role, meaning, goal});
    this.raw = decode(values, count);
    this.isNumber = this.raw.every(v => v === null || typeof v === 'number') && this.raw.some(v => v !== null);
    if (this.isNumber) {
      this.numbers = Float64Array.from(this.raw, v => (v === null ? NaN : v));
    } else {
      this.categories = [...new Set(this.raw.filter(v => v !== null).map(String))].sort((a, b) =>
        a.localeCompare(b, 'en', {numeric: true}),
      );
      const rank = new Map(this.categories.map((c, i) => [c, i]));
      this.numbers = Float64Array.from(this.raw, v => (v === null ? NaN : rank.get(String(v))));
    }
    this.low = low && decode(low, count);
    this.high = high && decode(high, count);
    this.min = Infinity;
    this.max = -Infinity;
    for (const v of this.numbers) {
      if (v < this.min) this.min = v;
      if (v > this.max) this.max = v;
    }
    this.varies = this.max > this.min;
    this.isWide = this.isNumber && this.min > 0 && this.max / this.min > 30; // shown logarithmically
  }
  get title() {
    return this.key;
  }
  /// A word or two: "area" of area_mm2.total, "tokens per s" of throughput.tokens_per_s.
  get short() {
    const parts = this.key.split('.');
    const last =
      parts.at(-1) === 'total' && parts.length > 1 ? parts.at(-2).replace(/_(s|j|w|mm2|bytes)$/, '') : parts.at(-1);
    return last.replaceAll('_', ' ');
  }
  /// For people.
  show(point) {
    return this.isNumber ? quantity(this.raw[point], this.unit, 4) : String(this.raw[point] ?? '');
  }
  showNumber(number) {
    return this.isNumber ? quantity(number, this.unit) : (this.categories[Math.round(number)] ?? '');
  }
}

/// A name for each column: `short`, and where others share it the part of the key before it too ("weight buffer
/// capacity", "activation buffer capacity").
export function distinctNames(columns) {
  return columns.map(column => {
    const parts = column.key.split('.').slice(0, -1);
    const isShared = columns.some(c => c !== column && c.short === column.short);
    return isShared && parts.length > 0 ? `${parts.at(-1).replaceAll('_', ' ')} ${column.short}` : column.short;
  });
}

/// The column that a user means: its key, or the only one that ends in or contains the name.
export function named(columns, name) {
  const exact = columns.find(c => c.key === name);
  if (exact) return exact;
  for (const fits of [c => c.key.endsWith(`.${name}`), c => c.key.includes(name)]) {
    const found = columns.filter(fits);
    if (found.length === 1) return found[0];
    if (found.length > 1)
      throw new Error(
        `'${name}' may be ${found
          .slice(0, 4)
          .map(c => c.key)
          .join(', ')}`,
      );
  }
  throw new Error(`there is no column '${name}'`);
}
