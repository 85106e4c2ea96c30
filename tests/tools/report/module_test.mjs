// SPDX-License-Identifier: Apache-2.0
// What the modules of the page compute, by hand. node --test module_test.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import {Column, named} from '../../../tools/report/page/columns.js';
import {filterMask, parseNumber} from '../../../tools/report/page/filter.js';
import {csvField, percent, quantity, shellWord} from '../../../tools/report/page/format.js';
import {scale, ticks} from '../../../tools/report/page/plot.js';
import {paretoFront, Points} from '../../../tools/report/page/points.js';
import {rooflineRows} from '../../../tools/report/page/roofline.js';
import {compare} from '../../../tools/report/page/table.js';

const SPACE = '\u202f';

test('quantities are rounded and prefixed', () => {
  assert.equal(quantity(0.0208648, 's'), `20.9${SPACE}ms`);
  assert.equal(quantity(273066666666, 'B/s'), `273${SPACE}GB/s`);
  assert.equal(quantity(3.4e-12, 'J'), `3.4${SPACE}pJ`);
  assert.equal(quantity(0, 's'), `0${SPACE}s`);
  assert.equal(quantity(-0.002, 'W'), `-2${SPACE}mW`);
  assert.equal(quantity(29.49155, 'mm2'), `29.5${SPACE}mm²`);
  assert.equal(quantity(null, 's'), '–');
  assert.equal(quantity('lut-i'), 'lut-i');
  assert.equal(quantity(0.99999999, 's'), `1${SPACE}s`);
  assert.equal(percent(0.8719), `87.2${SPACE}%`);
  assert.equal(percent(1e-9), `<0.01${SPACE}%`);
});

test('texts go into CSV and shells whole', () => {
  assert.equal(csvField('a,"b"\n'), '"a,""b""\n"');
  assert.equal(csvField(null), '');
  assert.equal(csvField(0.1), '0.1');
  assert.equal(shellWord('runs/small'), 'runs/small');
  assert.equal(shellWord("it's; rm"), "'it'\\''s; rm'");
});

test('ticks are round and inside', () => {
  assert.deepEqual(ticks(0, 10, 5, false), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(1, 1000, 5, true), [1, 10, 100, 1000]);
  for (const t of ticks(0.013, 0.9, 6, true)) assert.ok(t >= 0.013 && t <= 0.9 * (1 + 1e-9));
  const s = scale(1, 100, 0, 200, true);
  assert.ok(Math.abs(s(10) - 100) < 1e-9);
  assert.ok(Math.abs(s.invert(s(37)) - 37) < 1e-9);
});

const columns = [
  new Column({key: 'time_s.total', unit: 's', values: {list: [0.01, 0.02, null, 0.04]}}, 4),
  new Column({key: 'engine', values: {dict: ['lut-i', 'figna'], index: [0, 1, 1, 0]}}, 4),
  new Column({key: 'energy_j.total', unit: 'J', values: {list: [1, 2, 3, 4]}}, 4),
];

test('columns decode each form', () => {
  assert.equal(columns[0].isNumber, true);
  assert.ok(Number.isNaN(columns[0].numbers[2]));
  assert.equal(columns[0].max, 0.04);
  assert.deepEqual(columns[1].categories, ['figna', 'lut-i']);
  assert.equal(new Column({key: 'a', values: {all: 3}}, 4).numbers[3], 3);
  assert.equal(named(columns, 'engine').key, 'engine');
  assert.equal(named(columns, 'time_s').key, 'time_s.total');
  assert.throws(() => named(columns, 'total'), /may be time_s.total, energy_j.total/);
  const alike = ['a.mu', 'a.mux', 'mu.b'].map(key => new Column({key, values: {all: 1}}, 1));
  assert.equal(named(alike, 'mu').key, 'a.mu');
  assert.throws(() => named(columns, 'speed'), /no column/);
});

test('filters hold all their terms', () => {
  const mask = text => [...(filterMask(text, columns, 4) ?? [])].join('');
  assert.equal(mask('time_s.total<=20ms'), '1100');
  assert.equal(mask('engine=lut-i energy_j.total>1'), '0001');
  assert.equal(mask('engine!=lut-i'), '0110');
  assert.equal(mask('FIG'), '0110');
  assert.equal(filterMask('  ', columns, 4), null);
  assert.throws(() => filterMask('time_s.total<fast', columns, 4), /is no number in s/);
  assert.throws(() => filterMask('engine<lut', columns, 4), /is text/);
  assert.equal(parseNumber('2.5Mi', 'B'), 2.5 * 1024 * 1024);
  assert.equal(parseNumber('500MHz', 'Hz'), 5e8);
});

test('a point is selected when every view selects it', () => {
  const points = new Points(4);
  const told = [];
  points.listen(what => told.push(what));
  points.setMask('a', Uint8Array.of(1, 1, 0, 0));
  points.setMask('b', Uint8Array.of(0, 1, 1, 0));
  assert.deepEqual([...points.selected], [0, 1, 0, 0]);
  points.show(Uint8Array.of(1, 0, 1, 1));
  assert.equal(points.selectedCount, 0);
  points.setMask('a', null);
  assert.deepEqual([...points.selected], [0, 0, 1, 0]);
  assert.deepEqual(told, Array(4).fill('selection'));
});

test('the front is what nothing beats', () => {
  const x = [1, 2, 3, 4, 2],
    y = [5, 6, 9, 8, 6],
    all = [0, 1, 2, 3, 4];
  assert.deepEqual(paretoFront(x, y, 'minimise', 'minimise', all), [0]);
  assert.deepEqual(paretoFront(x, y, 'minimise', 'maximise', all), [0, 1, 2]);
  assert.deepEqual(paretoFront(x, y, 'maximise', 'maximise', all), [3, 2]);
  assert.deepEqual(paretoFront(x, y, 'maximise', 'maximise', [0, 1]), [1]);
});

test('rows are sorted with what is missing at the end', () => {
  const sorted = descending => [3, null, 1, NaN, 2].sort((a, b) => compare(a, b, descending));
  assert.deepEqual(sorted(false).slice(0, 3), [1, 2, 3]);
  assert.deepEqual(sorted(true).slice(0, 3), [3, 2, 1]);
  assert.deepEqual(
    ['a10', 'a9'].sort((a, b) => compare(a, b, false)),
    ['a9', 'a10'],
  );
});

test('no kind of operator lies above a roof', () => {
  const rows = rooflineRows({
    peaks: {matrix_flops_per_s: 100, vector_flops_per_s: 10, dram_bytes_per_s: 10},
    critical_path: [
      {operator: 'matmul', seconds: 2},
      {operator: 'matmul', seconds: 1},
    ],
    operators: {
      matmul: {matrix_s: 1, vector_s: 0, dram_bytes: 20, flops: 90},
      add: {matrix_s: 0, vector_s: 4, dram_bytes: 0, flops: 8},
      hidden: {matrix_s: 0, vector_s: 0.1, dram_bytes: 50, flops: 1},
    },
  });
  assert.deepEqual(
    rows.map(r => r.seconds),
    [3, 4, 5],
  ); // critical path, unit, bytes over bandwidth
  assert.deepEqual(
    rows.map(r => r.rate),
    [30, 2, 0.2],
  );
  assert.deepEqual(
    rows.map(r => r.intensity),
    [4.5, null, 0.02],
  );
});
