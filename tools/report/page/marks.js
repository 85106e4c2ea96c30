// SPDX-License-Identifier: Apache-2.0
// Marks of the scatter: colours and shapes of points.
import {color} from './dom.js';

/// Marks of categories, so that colour is not all that tells them apart.
export const SHAPES = '■●▲▼';
const OUTLINES = {
  0: [
    [-0.75, -0.75],
    [0.75, -0.75],
    [0.75, 0.75],
    [-0.75, 0.75],
  ],
  2: [
    [0, -1],
    [1, 0.8],
    [-1, 0.8],
  ],
  3: [
    [0, 1],
    [1, -0.8],
    [-1, -0.8],
  ],
};
const COLORS = 9,
  BINS = 5;

/// How a column colours points: the index of a colour for each point, and what each index means.
export function coloring(column) {
  if (!column) return null;
  if (!column.isNumber && column.categories.length <= COLORS)
    return {index: i => column.numbers[i], names: column.categories, look: k => color(`--c${k}`)};
  const distinct = [...new Set(column.numbers)].filter(v => !Number.isNaN(v)).sort((a, b) => a - b);
  if (distinct.length <= COLORS) {
    const rank = new Map(distinct.map((v, k) => [v, k]));
    return {
      index: i => rank.get(column.numbers[i]),
      names: distinct.map(v => column.showNumber(v)),
      look: k => color(`--c${k}`),
    };
  }
  const edges = Array.from({length: BINS - 1}, (_, k) => distinct[Math.floor(((k + 1) * distinct.length) / BINS)]);
  const names = [
    `below ${column.showNumber(edges[0])}`,
    ...edges.slice(1).map((e, k) => `${column.showNumber(edges[k])} to ${column.showNumber(e)}`),
    `from ${column.showNumber(edges.at(-1))}`,
  ];
  return {
    index: i => {
      const k = edges.findIndex(e => column.numbers[i] < e);
      return k < 0 ? BINS - 1 : k;
    },
    names,
    look: k => `color-mix(in srgb, ${color('--second')} ${(k * 100) / (BINS - 1)}%, ${color('--c0')})`,
  };
}

/// Draws a mark at a place. `kind`: which of SHAPES. A point of the front is larger and has an outline.
export function drawMark(c, px, py, {size, look, kind, isFront}) {
  const r = (size / 2) * (isFront ? 1.7 : 1);
  c.fillStyle = look;
  if (!isFront && kind === 0) {
    c.fillRect(px - r, py - r, size, size);
    return;
  }
  c.beginPath();
  if (kind === 1) c.arc(px, py, r * 1.1, 0, 7);
  else
    OUTLINES[kind].forEach(([a, b], n) =>
      n === 0 ? c.moveTo(px + a * r * 1.3, py + b * r * 1.3) : c.lineTo(px + a * r * 1.3, py + b * r * 1.3),
    );
  c.closePath();
  c.fill();
  if (!isFront) return;
  c.strokeStyle = color('--text');
  c.lineWidth = 1.5;
  c.stroke();
}
