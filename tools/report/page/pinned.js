// SPDX-License-Identifier: Apache-2.0
// Two points side by side.
import {legend, linearScale, range, stack} from './bars.js';
import {commandBox, h} from './dom.js';
import {digits, interval, percent, shellWord, words} from './format.js';
import {parts} from './run_energy.js';
import {STALLS} from './run_time.js';
import {table} from './table.js';

/// What runs a point of a sweep again.
export const commandOf = (folder, key) =>
  `lutsim sweep --merge ${shellWord(folder)} --config-of ${key.slice(0, 16)} > point.yaml && lutsim run --config point.yaml`;

const UNITS = ['matrix', 'vector', 'dma_read', 'dma_write'];

export function pinned(points, columns, keys, folder) {
  const box = h('div', {class: 'columns', id: 'pinned'});
  const by = Object.fromEntries(columns.map(c => [c.key, c]));
  const value = (key, i) => (by[key] ? (by[key].raw[i] ?? null) : null);
  const energyKeys = Object.keys(by).filter(k => k.startsWith('energy_j.') && k !== 'energy_j.total');

  function stalls(i) {
    const total = value('cycles.total', i);
    const units = UNITS.filter(u => value(`cycles.${u}.busy`, i) !== null);
    if (!total || units.length === 0) {
      const busy = UNITS.filter(u => value(`utilization.${u}`, i) !== null);
      return busy.length === 0
        ? h('p', {class: 'note'}, 'No stalls: the point was not simulated.')
        : h('p', {}, busy.map(u => `${words(u)} busy ${percent(value(`utilization.${u}`, i))}`).join(', '));
    }
    return h(
      'div',
      {class: 'stacks'},
      units.flatMap(u => [
        h('span', {}, words(u)),
        stack(
          STALLS.map(s => ({name: words(s), value: value(`cycles.${u}.${s}`, i) ?? 0, look: s})),
          total,
        ),
      ]),
    );
  }
  function energy(i) {
    const groups = parts(Object.fromEntries(energyKeys.map(k => [k.slice('energy_j.'.length), value(k, i) ?? 0])), []);
    // The same part looks the same on both sides.
    const looks = Object.fromEntries(energyKeys.map((k, n) => [k.slice('energy_j.'.length), `part${n % 9}`]));
    const shown = groups.filter(g => g.value > 0).map(g => ({...g, look: looks[g.name]}));
    const total = shown.reduce((s, g) => s + g.value, 0);
    return total > 0
      ? [stack(shown, total), legend(shown.map(g => ({...g, name: `${g.name} ${percent(g.value / total)}`})))]
      : h('p', {class: 'note'}, 'No parts: closed form.');
  }
  function side(slot) {
    const i = points.pinned[slot],
      name = 'AB'[slot];
    if (i < 0)
      return h(
        'div',
        {},
        h('h4', {}, `Point ${name}`),
        h('p', {class: 'note'}, `Pin a point: button ${name} of a row, or key ${name.toLowerCase()} on a point.`),
      );
    return h(
      'div',
      {},
      h('h4', {}, `Point ${name}: ${keys.raw[i].slice(0, 12)}`),
      commandBox(commandOf(folder, keys.raw[i]), `Copy the command that reproduces point ${name}`),
      h('h4', {}, 'Stalls'),
      legend(STALLS.map(s => ({name: words(s), look: s}))),
      stalls(i),
      h('h4', {}, 'Energy'),
      energy(i),
    );
  }
  function both() {
    const [a, b] = points.pinned;
    if (a < 0 || b < 0) return null;
    const differs = c => c.raw[a] !== c.raw[b];
    const rows = columns
      .filter(c => c.role === 'axis' || c.role === 'metric')
      .filter(c => c.raw[a] !== null || c.raw[b] !== null)
      .filter(c => c.role === 'axis' || c.goal || differs(c))
      .filter(c => !/^cycles\..*\./.test(c.key));
    const ends = c => [a, b].flatMap(i => [c.raw[i] ?? 0, c.high ? (c.high[i] ?? 0) : 0]);
    const cell = i => c => {
      if (!c.low || c.low[i] === null) return c.show(i);
      return [
        h('b', {}, c.show(i)),
        ` ${interval(c.low[i], c.high[i], c.unit)}`,
        range(c.raw[i], c.low[i], c.high[i], linearScale(Math.max(...ends(c)) * 1.02)),
      ];
    };
    return h(
      'div',
      {class: 'both'},
      h('h4', {}, 'A against B'),
      table(
        'A against B',
        [
          {
            title: '',
            text: true,
            value: c => c.key,
            show: c => [differs(c) && c.role === 'axis' ? h('span', {title: 'differs'}, '≠ ') : '', c.key],
          },
          {title: 'A', value: c => c.numbers[a], show: cell(a)},
          {title: 'B', value: c => c.numbers[b], show: cell(b)},
          {
            title: 'B / A',
            value: c => (c.isNumber && c.raw[a] ? c.raw[b] / c.raw[a] : null),
            show: c =>
              c.isNumber && c.raw[a] && c.raw[b] !== null && differs(c) ? `× ${digits(c.raw[b] / c.raw[a])}` : '',
          },
        ],
        rows,
        {head: true, sortable: false},
      ),
    );
  }
  const draw = () => box.replaceChildren(...[side(0), side(1), both()].filter(Boolean));
  points.listen(what => {
    if (what === 'pinned') draw();
  });
  draw();
  return box;
}
