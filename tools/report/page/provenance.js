// SPDX-License-Identifier: Apache-2.0
// Section of a run: what it rests on.
import {disclosure, h, section} from './dom.js';
import {percent, quantity} from './format.js';
import {table} from './table.js';

/// Rows of every value below an object: [path, value].
function flat(object, path = '') {
  return Object.entries(object).flatMap(([k, v]) =>
    v !== null && typeof v === 'object' && !Array.isArray(v) ? flat(v, `${path}${k}.`) : [[path + k, v]],
  );
}

export function constantsTable(constants) {
  const show = (c, value) => (c.unit === 'm2' ? quantity(value * 1e12, 'µm²') : quantity(value, c.unit));
  return table(
    'constants',
    [
      {title: 'constant', text: true, value: c => c.name},
      {title: 'value', value: c => c.value, show: c => show(c, c.value)},
      {title: 'per', text: true, value: c => c.per ?? ''},
      {title: 'range', value: c => c.high, show: c => `[${show(c, c.low)} .. ${show(c, c.high)}]`},
      {title: 'of the energy', value: c => c.share_of_energy ?? null, show: c => percent(c.share_of_energy)},
      {title: 'known', text: true, value: c => c.confidence},
      {title: 'source', text: true, value: c => c.source, show: c => h('span', {class: 'source'}, c.source)},
    ],
    constants,
    {filter: true, head: true},
  );
}

export function provenance(data) {
  const r = data.result,
    p = r.provenance;
  return section(
    'provenance',
    'Provenance',
    'Every constant that this result rests on, with its range and where it is from.',
    table(
      'how it was made',
      [
        {title: 'what', text: true, value: x => x[0]},
        {title: 'value', text: true, value: x => x[1]},
      ],
      [
        ['lutsim', p.version],
        ['when', p.when],
        ['seed', p.seed],
        ['configuration', p.config_hash],
        ['command', p.command],
      ],
      {sortable: false, head: true},
    ),
    h('h4', {}, 'Constants'),
    constantsTable(p.constants),
    data.config
      ? disclosure('config.resolved.yaml, runs it again with lutsim run --config', h('pre', {tabindex: 0}, data.config))
      : null,
    disclosure(
      'Workload and architecture',
      table(
        'parameters',
        [
          {title: 'parameter', text: true, value: x => x[0]},
          {title: 'value (base units)', text: true, value: x => String(x[1])},
        ],
        [...flat(r.workload, 'workload.'), ...flat(r.architecture)],
        {filter: true, head: true},
      ),
    ),
  );
}
