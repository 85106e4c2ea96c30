// SPDX-License-Identifier: Apache-2.0
// Axes of charts.
import {quantity} from './format.js';

/// Round values from `low` to `high`, about `count` of them; powers of ten (with 2 and 5 between when
/// there are few) on a logarithmic axis.
export function ticks(low, high, count, log) {
  const list = [];
  if (log) {
    const decades = Math.log10(high / low);
    const steps = decades < 1.2 ? [1, 2, 3, 5, 7] : decades < 2.5 ? [1, 2, 5] : [1];
    const skip = Math.max(1, Math.ceil(decades / count));
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += skip)
      for (const s of steps) {
        const t = s * 10 ** e;
        if (t >= low * (1 - 1e-9) && t <= high * (1 + 1e-9)) list.push(t);
      }
    if (list.length > 1) return list;
  }
  const least = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 5, 10].find(n => n * power >= least * (1 - 1e-9));
  list.length = 0;
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + step * 1e-9; t += step) list.push(+t.toPrecision(12));
  return list;
}

/// A scale from values to pixels: call it, or .invert(pixel). `low`, `high` widened a little.
export function scale(low, high, from, to, log) {
  let [a, b] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const room = (b - a) * 0.04 || Math.abs(a) * 0.1 || 1;
  a -= room;
  b += room;
  const map = v => from + (((log ? Math.log(v) : v) - a) / (b - a)) * (to - from);
  map.invert = px => {
    const v = a + ((px - from) / (to - from)) * (b - a);
    return log ? Math.exp(v) : v;
  };
  map.low = log ? Math.exp(a) : a;
  map.high = log ? Math.exp(b) : b;
  return map;
}

export const tickText = (value, unit) => quantity(value, unit, 3);
