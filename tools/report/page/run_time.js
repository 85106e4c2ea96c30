// SPDX-License-Identifier: Apache-2.0
// Sections of a run: result, stalls, traffic.
import {bar, card, legend, stack} from './bars.js';
import {commandBox, disclosure, h, section} from './dom.js';
import {digits, NOTHING, percent, quantity, words} from './format.js';
import {table} from './table.js';

export const STALLS = ['busy', 'wait_memory', 'wait_dependency', 'idle'];
const stallParts = c => STALLS.map(s => ({name: words(s), value: c[s], look: s}));

export function headline(data) {
  const r = data.result,
    i = r.intervals;
  return section(
    'headline',
    'Result',
    null,
    h(
      'div',
      {class: 'cards'},
      card(
        'Time',
        r.time_s.total,
        's',
        null,
        (r.time_s.prefill > 0 ? `prefill ${quantity(r.time_s.prefill, 's')}, ` : '') +
          `first token ${quantity(r.time_s.ttft, 's')}` +
          (r.time_s.tpot > 0 ? `, then ${quantity(r.time_s.tpot, 's')} a token` : ''),
      ),
      card('Throughput', r.throughput.tokens_per_s, '1/s', null, `tokens; ${digits(r.throughput.tops)} TOPS`),
      card('Energy', r.energy_j.total, 'J', r.energy_interval_j),
      card('Tokens per joule', r.efficiency.tokens_per_j, '1/J', i.efficiency.tokens_per_j),
      card('Power', r.power_w.average, 'W', i.power_w.average),
      card('Area', r.area_mm2.total, 'mm2', [r.area_mm2.low, r.area_mm2.high]),
    ),
    h('p', {class: 'verdict'}, `Bound by: ${data.bound_by}.`),
    h('h4', {}, 'The command that made it'),
    commandBox(r.provenance.command),
    r.golden
      ? h(
          'p',
          {class: 'verdict'},
          r.golden.equal
            ? `Equal to the golden model, bit for bit: ${r.output.tokens.length} tokens, ${digits(r.golden.tensors)} tensors, ` +
                `${digits(r.golden.values, 6)} values.`
            : `DIFFERS from the golden model in ${r.golden.mismatches} values, first ${r.golden.first_mismatch}.`,
        )
      : null,
    r.output ? h('pre', {tabindex: 0, 'aria-label': 'generated text'}, r.output.text) : null,
  );
}

export function stalls(r) {
  const units = Object.entries(r.cycles).filter(([, c]) => typeof c === 'object');
  const total = r.cycles.total;
  return section(
    'stalls',
    'Stalls',
    `Where the time of each unit went, of ${digits(total, 5)} cycles.`,
    legend(stallParts({busy: 1, wait_memory: 1, wait_dependency: 1, idle: 1})),
    h(
      'div',
      {class: 'stacks'},
      units.flatMap(([unit, c]) => [h('span', {}, words(unit)), stack(stallParts(c), total)]),
    ),
    disclosure(
      'Numbers',
      table(
        'stalls of the units',
        [
          {title: 'unit', text: true, value: u => words(u[0])},
          ...STALLS.map(s => ({title: words(s), value: u => u[1][s], show: u => percent(u[1][s] / total)})),
        ],
        units,
        {head: true},
      ),
    ),
    h('h4', {}, 'Critical path'),
    h('p', {class: 'note'}, 'Each command begun by the end of the one before; the parts add up to the run.'),
    table(
      'critical path',
      [
        {title: 'unit', text: true, value: p => words(p.unit)},
        {title: 'operator', text: true, value: p => words(p.operator)},
        {title: 'time', value: p => p.seconds, show: p => quantity(p.seconds, 's')},
        {title: 'share', value: p => p.seconds, show: p => percent(p.seconds / r.time_s.total)},
        {title: '', show: p => bar(p.seconds / r.time_s.total)},
        {title: 'commands', value: p => p.commands, show: p => digits(p.commands, 6)},
      ],
      r.critical_path.filter(p => p.seconds > 0),
    ),
    h(
      'p',
      {class: 'note'},
      `Lower bounds: memory ${quantity(r.bounds_s.memory, 's')}, array ${quantity(r.bounds_s.compute, 's')}, ` +
        `vector lanes ${quantity(r.bounds_s.vector ?? 0, 's')}; ` +
        `without any overlap ${quantity(r.bounds_s.serial, 's')}.`,
    ),
  );
}

export function traffic(r) {
  const t = r.traffic_bytes,
    d = r.dram,
    visits = d.row_hits + d.row_misses + d.row_conflicts;
  const rows = Object.entries(t)
    .map(([name, value]) => ({name, value}))
    .filter(p => p.value > 0);
  const most = Math.max(...rows.map(p => p.value));
  const hits = ['row_hits', 'row_misses', 'row_conflicts'].map((k, i) => ({
    name: words(k),
    value: d[k],
    look: `part${[0, 1, 3][i]}`,
  }));
  return section(
    'traffic',
    'Traffic',
    `DRAM moves ${percent(r.utilization.dram_bandwidth)} of ${quantity(d.peak_bytes_per_s, 'B/s')}; ` +
      `mean read latency ${quantity(d.mean_read_latency_s, 's')}; ${quantity(d.bytes_used, 'B')} in use.`,
    h(
      'div',
      {class: 'columns'},
      table(
        'traffic',
        [
          {title: 'path', text: true, value: p => words(p.name)},
          {title: 'moved', value: p => p.value, show: p => quantity(p.value, 'B')},
          {
            title: 'a generated token',
            value: p => p.value,
            show: p => quantity(p.value / Math.max(1, r.workload.generated_tokens), 'B'),
          },
          {title: '', show: p => bar(p.value / most)},
        ],
        rows,
        {head: true, sortable: false},
      ),
      h(
        'div',
        {},
        h('h3', {}, 'DRAM bursts by row'),
        visits > 0
          ? [stack(hits, visits), legend(hits.map(p => ({...p, name: `${p.name} ${percent(p.value / visits)}`})))]
          : h('p', {}, NOTHING),
      ),
    ),
    disclosure(
      'By kind of operator',
      h('p', {class: 'note'}, 'Units overlap, so columns do not add up to the run.'),
      table(
        'operators',
        [
          {title: 'kind', text: true, value: k => words(k[0])},
          ...[
            ['matrix_s', 'matrix', 's'],
            ['vector_s', 'vector', 's'],
            ['dma_s', 'DMA', 's'],
            ['link_s', 'links', 's'],
            ['dram_bytes', 'DRAM', 'B'],
            ['wait_memory_s', 'waits for memory', 's'],
            ['wait_dependency_s', 'for dependencies', 's'],
          ].map(([key, title, unit]) => ({title, value: k => k[1][key], show: k => quantity(k[1][key], unit)})),
        ],
        Object.entries(r.operators),
        {head: true},
      ),
    ),
  );
}
