// SPDX-License-Identifier: Apache-2.0
// Report of one run, schema lutsim.result/1.
import {bar, card, legend, linearScale, logScale, range, stack} from './bars.js';
import {choice, commandBox, disclosure, h, section} from './dom.js';
import {digits, interval, NOTHING, percent, quantity, words} from './format.js';
import {roofline} from './roofline.js';
import {show} from './shell.js';
import {table} from './table.js';
import {timeline} from './timeline.js';

export const STALLS = ['busy', 'wait_memory', 'wait_dependency', 'idle'];
const stallParts = c => STALLS.map(s => ({name: words(s), value: c[s], look: s}));
const PARTS = 9;
const SMALL = 0.005;  // a constant that moves a result by less is not shown

/// Parts of `object` but those named, largest first.
export const parts = (object, but = ['total', 'low', 'high']) =>
  Object.entries(object).filter(([k]) => !but.includes(k)).map(([name, value]) => ({name, value}))
    .sort((a, b) => b.value - a.value).map((p, i) => ({...p, look: `part${i % PARTS}`}));

function headline(data) {
  const r = data.result, i = r.intervals;
  return section('headline', 'Result', null,
    h('div', {class: 'cards'},
      card('Time', r.time_s.total, 's', null, (r.time_s.prefill > 0 ? `prefill ${quantity(r.time_s.prefill, 's')}, ` : '') + `first token ${quantity(r.time_s.ttft, 's')}` +
        (r.time_s.tpot > 0 ? `, then ${quantity(r.time_s.tpot, 's')} a token` : '')),
      card('Throughput', r.throughput.tokens_per_s, '1/s', null, `tokens; ${digits(r.throughput.tops)} TOPS`),
      card('Energy', r.energy_j.total, 'J', r.energy_interval_j),
      card('Tokens per joule', r.efficiency.tokens_per_j, '1/J', i.efficiency.tokens_per_j),
      card('Power', r.power_w.average, 'W', i.power_w.average),
      card('Area', r.area_mm2.total, 'mm2', [r.area_mm2.low, r.area_mm2.high])),
    h('p', {class: 'verdict'}, `Bound by: ${data.bound_by}.`),
    h('h4', {}, 'The command that made it'), commandBox(r.provenance.command),
    r.golden ? h('p', {class: 'verdict'}, r.golden.equal
      ? `Equal to the golden model, bit for bit: ${r.output.tokens.length} tokens, ${digits(r.golden.tensors)} tensors, ` +
        `${digits(r.golden.values, 6)} values.`
      : `DIFFERS from the golden model in ${r.golden.mismatches} values, first ${r.golden.first_mismatch}.`) : null,
    r.output ? h('pre', {tabindex: 0, 'aria-label': 'generated text'}, r.output.text) : null);
}

function stalls(r) {
  const units = Object.entries(r.cycles).filter(([, c]) => typeof c === 'object');
  const total = r.cycles.total;
  return section('stalls', 'Stalls', `Where the time of each unit went, of ${digits(total, 5)} cycles.`,
    legend(stallParts({busy: 1, wait_memory: 1, wait_dependency: 1, idle: 1})),
    h('div', {class: 'stacks'}, units.flatMap(([unit, c]) => [h('span', {}, words(unit)), stack(stallParts(c), total)])),
    disclosure('Numbers', table('stalls of the units', [
      {title: 'unit', text: true, value: u => words(u[0])},
      ...STALLS.map(s => ({title: words(s), value: u => u[1][s], show: u => percent(u[1][s] / total)})),
    ], units, {head: true})),
    h('h4', {}, 'Critical path'),
    h('p', {class: 'note'}, 'Each command begun by the end of the one before; the parts add up to the run.'),
    table('critical path', [
      {title: 'unit', text: true, value: p => words(p.unit)},
      {title: 'operator', text: true, value: p => words(p.operator)},
      {title: 'time', value: p => p.seconds, show: p => quantity(p.seconds, 's')},
      {title: 'share', value: p => p.seconds, show: p => percent(p.seconds / r.time_s.total)},
      {title: '', show: p => bar(p.seconds / r.time_s.total)},
      {title: 'commands', value: p => p.commands, show: p => digits(p.commands, 6)},
    ], r.critical_path.filter(p => p.seconds > 0)),
    h('p', {class: 'note'}, `Lower bounds: memory ${quantity(r.bounds_s.memory, 's')}, array ${quantity(r.bounds_s.compute, 's')}; ` +
      `without any overlap ${quantity(r.bounds_s.serial, 's')}.`));
}

/// Rows of name, value, share and interval, with the intervals drawn on one scale.
function intervalTable(label, rows, bounds, total, unit) {
  const scale = linearScale(Math.max(...rows.map(p => bounds?.[p.name]?.[1] ?? p.value)) * 1.02);
  return table(label, [
    {title: 'part', text: true, value: p => p.name, show: p => [p.look ? h('span', {class: `key ${p.look}`}) : null, words(p.name)]},
    {title: 'value', value: p => p.value, show: p => quantity(p.value, unit)},
    {title: 'share', value: p => p.value, show: p => percent(p.value / total)},
    bounds && {title: '90 % interval', value: p => bounds[p.name]?.[1] ?? null,
      show: p => bounds[p.name] ? interval(...bounds[p.name], unit) : NOTHING},
    {title: '', show: p => bounds?.[p.name] ? range(p.value, ...bounds[p.name], scale) : bar(p.value / total)},
  ].filter(Boolean), rows, {head: true});
}

function energy(r) {
  const rows = parts(r.energy_j), total = r.energy_j.total;
  const events = Object.entries(r.events).map(([name, e]) => ({name, value: e.joules, count: e.count})).sort((a, b) => b.value - a.value);
  const known = parts(r.energy_confidence, []);
  return section('energy', 'Energy', `${quantity(total, 'J')} ${interval(...r.energy_interval_j, 'J')}: 90 % interval over the ranges of the constants.`,
    stack(rows, total),
    intervalTable('energy by part', rows.filter(p => p.value > 0), r.intervals.energy_j, total, 'J'),
    h('h4', {}, 'How its constants are known'), stack(known, 1), legend(known.filter(k => k.value > 0).map(k =>
      ({...k, name: `${k.name} ${percent(k.value)}`}))),
    disclosure('Events', intervalTable('energy by event', events, r.intervals.events, total, 'J')));
}

function traffic(r) {
  const t = r.traffic_bytes, d = r.dram, visits = d.row_hits + d.row_misses + d.row_conflicts;
  const rows = Object.entries(t).map(([name, value]) => ({name, value})).filter(p => p.value > 0);
  const most = Math.max(...rows.map(p => p.value));
  const hits = ['row_hits', 'row_misses', 'row_conflicts'].map((k, i) => ({name: words(k), value: d[k], look: `part${[0, 1, 3][i]}`}));
  return section('traffic', 'Traffic', `DRAM moves ${percent(r.utilization.dram_bandwidth)} of ${quantity(d.peak_bytes_per_s, 'B/s')}; ` +
    `mean read latency ${quantity(d.mean_read_latency_s, 's')}; ${quantity(d.bytes_used, 'B')} in use.`,
  h('div', {class: 'columns'},
    table('traffic', [
      {title: 'path', text: true, value: p => words(p.name)},
      {title: 'moved', value: p => p.value, show: p => quantity(p.value, 'B')},
      {title: 'a generated token', value: p => p.value, show: p => quantity(p.value / Math.max(1, r.workload.generated_tokens), 'B')},
      {title: '', show: p => bar(p.value / most)},
    ], rows, {head: true, sortable: false}),
    h('div', {}, h('h3', {}, 'DRAM bursts by row'), visits > 0 ? [stack(hits, visits),
      legend(hits.map(p => ({...p, name: `${p.name} ${percent(p.value / visits)}`})))] : h('p', {}, NOTHING))),
  disclosure('By kind of operator', h('p', {class: 'note'}, 'Units overlap, so columns do not add up to the run.'), table('operators', [
    {title: 'kind', text: true, value: k => words(k[0])},
    ...[['matrix_s', 'matrix', 's'], ['vector_s', 'vector', 's'], ['dma_s', 'DMA', 's'], ['link_s', 'links', 's'], ['dram_bytes', 'DRAM', 'B'],
      ['wait_memory_s', 'waits for memory', 's'], ['wait_dependency_s', 'for dependencies', 's']].map(([key, title, unit]) =>
      ({title, value: k => k[1][key], show: k => quantity(k[1][key], unit)})),
  ], Object.entries(r.operators), {head: true})));
}

const gpuName = g => `${g.name} ${g.precision} ${g.line}`;

function gpus(r) {
  if (!r.gpus?.length) return null;
  const known = r.gpus.filter(g => g.comparison.interval);
  const ends = known.flatMap(g => g.comparison.interval);
  const scale = ends.length ? logScale(Math.min(1, ...ends) * .8, Math.max(1, ...ends) * 1.2) : null;
  return section('gpus', 'Against GPUs', 'They execute the same operators. A ratio above 1 (dotted line): the accelerator is better. served: with a ' +
    'serving framework; kernel: the kernels of the GPU alone; ideal: roofline, which no GPU can beat. Intervals hold 90 %; the scale is logarithmic.',
  table('GPUs', [
    {title: 'GPU', text: true, value: g => g.name, show: g => h('span', {title: g.title}, g.name)},
    {title: 'weights', text: true, value: g => g.precision},
    {title: 'line', text: true, value: g => g.line,
      show: g => g.line + (g.source === 'measured' ? ', measured' : '') + (g.fits_memory ? '' : ', does not fit')},
    {title: 'tokens/s', value: g => g.tokens_per_s, show: g => digits(g.tokens_per_s, 4)},
    {title: 'energy a token', value: g => g.tokens_per_j && 1 / g.tokens_per_j, show: g => g.tokens_per_j ? quantity(1 / g.tokens_per_j, 'J') : NOTHING},
    {title: 'speed', value: g => g.comparison.speed_ratio, show: g => `${digits(g.comparison.speed_ratio)} ${interval(...g.comparison.speed_interval)}`},
    {title: 'power efficiency', value: g => g.comparison.power_efficiency_ratio,
      show: g => g.comparison.interval ? [h('b', {}, digits(g.comparison.power_efficiency_ratio)), ` ${interval(...g.comparison.interval)}`] : NOTHING},
    {title: '', show: g => g.comparison.interval ? range(g.comparison.power_efficiency_ratio, ...g.comparison.interval, scale, 1) : ''},
  ], r.gpus, {head: true}));
}

/// Bars from what a result is at the low end of a constant to what it is at the high end.
function tornadoTable(target) {
  const moved = target.rows.filter(s => s.low !== s.high);
  const rows = moved.filter(s => Math.abs(s.high - s.low) > SMALL * Math.abs(target.value)), rest = moved.length - rows.length;
  const ends = rows.flatMap(s => [s.low, s.high]).concat(target.value);
  const low = Math.min(...ends), span = (Math.max(...ends) - low) || 1, at = v => (v - low) / span;
  const piece = (value, look) => h('span', {class: `bar ${look}`, style: {
    left: `${at(Math.min(value, target.value)) * 100}%`, width: `${Math.abs(at(value) - at(target.value)) * 100}%`}});
  return h('div', {}, table('sensitivity', [
    {title: 'constant or common cause', text: true, value: s => s.name},
    {title: 'at its low end', value: s => s.low, show: s => quantity(s.low, target.unit)},
    {title: '', show: s => h('span', {class: 'track', 'aria-hidden': 'true'}, piece(s.low, 'low'), piece(s.high, 'high'))},
    {title: 'at its high end', value: s => s.high, show: s => quantity(s.high, target.unit)},
  ], rows, {head: true}), rest > 0 ? h('p', {class: 'note'}, `${rest} more move it by less than ${percent(SMALL)} each.`) : null);
}

function sensitivity(data) {
  const e = data.energy;
  if (!e) return null;
  const rows = (list, key) => list.map(s => ({name: s.name, low: s[`${key}_at_low`], high: s[`${key}_at_high`]}));
  const targets = [{name: 'joules a token', unit: 'J', value: e.j_per_token, rows: rows(e.tornado, 'j_per_token')},
    ...e.gpus.map(g => ({name: `ratio against ${g.gpu} ${g.precision} ${g.line}`, unit: '', value: g.ratio, rows: rows(g.tornado, 'ratio')}))];
  const box = h('div');
  const draw = i => box.replaceChildren(h('p', {}, `${targets[i].name}: ${quantity(targets[i].value, targets[i].unit)}`), tornadoTable(targets[i]));
  draw(targets.length > 1 ? 1 : 0);
  return section('sensitivity', 'Sensitivity', 'What a result becomes when one constant, or all of a common cause, moves to the low (plain bar) or the ' +
    'high (striped bar) end of its range.',
  h('p', {class: 'tools'}, choice('of', targets.map((t, i) => [i, t.name]), targets.length > 1 ? 1 : 0, draw)), box);
}

function area(r) {
  const rows = parts(r.area_mm2);
  return section('area', 'Area', `${quantity(r.area_mm2.total, 'mm2')} ${interval(r.area_mm2.low, r.area_mm2.high, 'mm2')}: all lows and all highs added up.`,
    stack(rows, r.area_mm2.total), intervalTable('area by part', rows, null, r.area_mm2.total, 'mm2'));
}

/// Rows of every value below an object: [path, value].
function flat(object, path = '') {
  return Object.entries(object).flatMap(([k, v]) => v !== null && typeof v === 'object' && !Array.isArray(v)
    ? flat(v, `${path}${k}.`) : [[path + k, v]]);
}

export function constantsTable(constants) {
  const show = (c, value) => c.unit === 'm2' ? quantity(value * 1e12, 'µm²') : quantity(value, c.unit);
  return table('constants', [
    {title: 'constant', text: true, value: c => c.name},
    {title: 'value', value: c => c.value, show: c => show(c, c.value)},
    {title: 'per', text: true, value: c => c.per ?? ''},
    {title: 'range', value: c => c.high, show: c => `[${show(c, c.low)} .. ${show(c, c.high)}]`},
    {title: 'of the energy', value: c => c.share_of_energy ?? null, show: c => percent(c.share_of_energy)},
    {title: 'known', text: true, value: c => c.confidence},
    {title: 'source', text: true, value: c => c.source, show: c => h('span', {class: 'source'}, c.source)},
  ], constants, {filter: true, head: true});
}

function provenance(data) {
  const r = data.result, p = r.provenance;
  return section('provenance', 'Provenance', 'Every constant that this result rests on, with its range and where it is from.',
    table('how it was made', [{title: 'what', text: true, value: x => x[0]}, {title: 'value', text: true, value: x => x[1]}],
      [['lutsim', p.version], ['when', p.when], ['seed', p.seed], ['configuration', p.config_hash], ['command', p.command]],
      {sortable: false, head: true}),
    h('h4', {}, 'Constants'), constantsTable(p.constants),
    data.config ? disclosure('config.resolved.yaml, runs it again with lutsim run --config', h('pre', {tabindex: 0}, data.config)) : null,
    disclosure('Workload and architecture', table('parameters', [
      {title: 'parameter', text: true, value: x => x[0]}, {title: 'value (base units)', text: true, value: x => String(x[1])},
    ], [...flat(r.workload, 'workload.'), ...flat(r.architecture)], {filter: true, head: true})));
}

export function runReport(data) {
  const r = data.result, w = r.workload, chips = r.architecture.system.chips;
  show({
    title: `${w.model} on ${r.architecture.name}${chips > 1 ? `, ${chips} chips` : ''}`,
    lines: [`${digits(w.weight_bits)}-bit weights in groups of ${w.group_size}; batch ${w.batch}, ${w.prompt_tokens} prompt + ` +
      `${w.cached_tokens} cached tokens, ${w.generated_tokens} generated; ` +
      (r.mode.functional ? `functional mode, matrix unit: ${r.mode.engine_impl}` : 'timing mode')],
    sections: [headline(data), stalls(r), energy(r), roofline(r), gpus(r), sensitivity(data), traffic(r),
      data.timeline ? timeline(data.timeline) : null, area(r), provenance(data)],
  });
}
