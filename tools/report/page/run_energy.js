// SPDX-License-Identifier: Apache-2.0
// Sections of a run: energy, sensitivity, area.
import {bar, legend, linearScale, range, stack} from './bars.js';
import {choice, disclosure, h, section} from './dom.js';
import {interval, NOTHING, percent, quantity, words} from './format.js';
import {table} from './table.js';

const PARTS = 9;
const SMALL = 0.005; // a constant that moves a result by less is not shown

/// Parts of `object` but those named, largest first.
export const parts = (object, but = ['total', 'low', 'high']) =>
  Object.entries(object)
    .filter(([k]) => !but.includes(k))
    .map(([name, value]) => ({name, value}))
    .sort((a, b) => b.value - a.value)
    .map((p, i) => ({...p, look: `part${i % PARTS}`}));

/// Rows of name, value, share and interval, with the intervals drawn on one scale.
function intervalTable(label, rows, bounds, total, unit) {
  const scale = linearScale(Math.max(...rows.map(p => bounds?.[p.name]?.[1] ?? p.value)) * 1.02);
  return table(
    label,
    [
      {
        title: 'part',
        text: true,
        value: p => p.name,
        show: p => [p.look ? h('span', {class: `key ${p.look}`}) : null, words(p.name)],
      },
      {title: 'value', value: p => p.value, show: p => quantity(p.value, unit)},
      {title: 'share', value: p => p.value, show: p => percent(p.value / total)},
      bounds && {
        title: '90 % interval',
        value: p => bounds[p.name]?.[1] ?? null,
        show: p => (bounds[p.name] ? interval(...bounds[p.name], unit) : NOTHING),
      },
      {title: '', show: p => (bounds?.[p.name] ? range(p.value, ...bounds[p.name], scale) : bar(p.value / total))},
    ].filter(Boolean),
    rows,
    {head: true},
  );
}

export function energy(r) {
  const rows = parts(r.energy_j),
    total = r.energy_j.total;
  const events = Object.entries(r.events)
    .map(([name, e]) => ({name, value: e.joules, count: e.count}))
    .sort((a, b) => b.value - a.value);
  const known = parts(r.energy_confidence, []);
  return section(
    'energy',
    'Energy',
    `${quantity(total, 'J')} ${interval(...r.energy_interval_j, 'J')}: 90 % interval over the ranges of the constants.`,
    stack(rows, total),
    intervalTable(
      'energy by part',
      rows.filter(p => p.value > 0),
      r.intervals.energy_j,
      total,
      'J',
    ),
    h('h4', {}, 'How its constants are known'),
    stack(known, 1),
    legend(known.filter(k => k.value > 0).map(k => ({...k, name: `${k.name} ${percent(k.value)}`}))),
    disclosure('Events', intervalTable('energy by event', events, r.intervals.events, total, 'J')),
  );
}

/// Bars from what a result is at the low end of a constant to what it is at the high end.
function tornadoTable(target) {
  const moved = target.rows.filter(s => s.low !== s.high);
  const rows = moved.filter(s => Math.abs(s.high - s.low) > SMALL * Math.abs(target.value)),
    rest = moved.length - rows.length;
  const ends = rows.flatMap(s => [s.low, s.high]).concat(target.value);
  const low = Math.min(...ends),
    span = Math.max(...ends) - low || 1,
    at = v => (v - low) / span;
  const piece = (value, look) =>
    h('span', {
      class: `bar ${look}`,
      style: {
        left: `${at(Math.min(value, target.value)) * 100}%`,
        width: `${Math.abs(at(value) - at(target.value)) * 100}%`,
      },
    });
  return h(
    'div',
    {},
    table(
      'sensitivity',
      [
        {title: 'constant or common cause', text: true, value: s => s.name},
        {title: 'at its low end', value: s => s.low, show: s => quantity(s.low, target.unit)},
        {
          title: '',
          show: s => h('span', {class: 'track', 'aria-hidden': 'true'}, piece(s.low, 'low'), piece(s.high, 'high')),
        },
        {title: 'at its high end', value: s => s.high, show: s => quantity(s.high, target.unit)},
      ],
      rows,
      {head: true},
    ),
    rest > 0 ? h('p', {class: 'note'}, `${rest} more move it by less than ${percent(SMALL)} each.`) : null,
  );
}

export function sensitivity(data) {
  const e = data.energy;
  if (!e) return null;
  const rows = (list, key) => list.map(s => ({name: s.name, low: s[`${key}_at_low`], high: s[`${key}_at_high`]}));
  const targets = [
    {name: 'joules a token', unit: 'J', value: e.j_per_token, rows: rows(e.tornado, 'j_per_token')},
    ...e.gpus.map(g => ({
      name: `ratio against ${g.gpu} ${g.precision} ${g.line}`,
      unit: '',
      value: g.ratio,
      rows: rows(g.tornado, 'ratio'),
    })),
  ];
  const box = h('div');
  const draw = i =>
    box.replaceChildren(
      h('p', {}, `${targets[i].name}: ${quantity(targets[i].value, targets[i].unit)}`),
      tornadoTable(targets[i]),
    );
  draw(targets.length > 1 ? 1 : 0);
  return section(
    'sensitivity',
    'Sensitivity',
    'What a result becomes when one constant, or all of a common cause, moves to the low (plain bar) or the ' +
      'high (striped bar) end of its range.',
    h(
      'p',
      {class: 'tools'},
      choice(
        'of',
        targets.map((t, i) => [i, t.name]),
        targets.length > 1 ? 1 : 0,
        draw,
      ),
    ),
    box,
  );
}

export function area(r) {
  const rows = parts(r.area_mm2);
  return section(
    'area',
    'Area',
    `${quantity(r.area_mm2.total, 'mm2')} ${interval(r.area_mm2.low, r.area_mm2.high, 'mm2')}: all lows and all highs added up.`,
    stack(rows, r.area_mm2.total),
    intervalTable('area by part', rows, null, r.area_mm2.total, 'mm2'),
  );
}
