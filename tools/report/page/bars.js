// SPDX-License-Identifier: Apache-2.0
// Bars, stacks and intervals as elements that follow the width by themselves.
import {h} from './dom.js';
import {percent, quantity, interval} from './format.js';

const clamp = x => Math.min(Math.max(x, 0), 1);
const place = (from, to) => ({left: `${clamp(from) * 100}%`, width: `${Math.max(clamp(to) - clamp(from), 0) * 100}%`});

/// Maps values to 0..1: linear from 0, or logarithmic.
export function linearScale(high) {
  return v => v / high;
}
export function logScale(low, high) {
  const span = Math.log(high / low) || 1;
  return v => Math.log(v / low) / span;
}

/// A share of a whole.
export const bar = share =>
  h('span', {class: 'track', 'aria-hidden': 'true'}, h('span', {class: 'bar', style: place(0, share)}));

/// A value with its interval on a scale; `mark`: where a reference line stands.
export function range(value, low, high, scale, mark) {
  return h(
    'span',
    {class: 'track', 'aria-hidden': 'true'},
    mark === undefined ? null : h('span', {class: 'mark', style: {left: `${clamp(scale(mark)) * 100}%`}}),
    low === null || low === undefined ? null : h('span', {class: 'whisker', style: place(scale(low), scale(high))}),
    h('span', {class: 'dot', style: {left: `${clamp(scale(value)) * 100}%`}}),
  );
}

/// Parts of a whole side by side. A part: {name, value, look}; `look` is a class of the style sheet, so
/// that parts differ in pattern as well as in colour.
export function stack(parts, total) {
  const shown = parts.filter(p => p.value > 0);
  return h(
    'div',
    {class: 'stack', role: 'img', 'aria-label': shown.map(p => `${p.name} ${percent(p.value / total)}`).join(', ')},
    shown.map(p =>
      h(
        'span',
        {class: p.look, style: {'flex-grow': p.value / total}, title: `${p.name}: ${percent(p.value / total)}`},
        p.value / total > 0.12 ? h('b', {}, percent(p.value / total, 2)) : null,
      ),
    ),
  );
}

export const legend = parts =>
  h(
    'ul',
    {class: 'legend'},
    parts.map(p => h('li', {}, h('span', {class: `key ${p.look}`}), p.name)),
  );

/// "260 mJ [197 mJ .. 379 mJ]" as a card.
export function card(name, value, unit, bounds, note) {
  return h(
    'div',
    {class: 'card'},
    h('h3', {}, name),
    h('p', {class: 'big'}, quantity(value, unit)),
    bounds
      ? h(
          'p',
          {class: 'bounds', title: '90 % interval over the ranges of the constants'},
          interval(bounds[0], bounds[1], unit),
        )
      : null,
    bounds ? range(value, bounds[0], bounds[1], linearScale(bounds[1] * 1.1)) : null,
    note ? h('p', {class: 'about'}, note) : null,
  );
}
