// SPDX-License-Identifier: Apache-2.0
// Section of a run: ratios against GPUs.
import {logScale, range} from './bars.js';
import {h, section} from './dom.js';
import {digits, interval, NOTHING, quantity} from './format.js';
import {table} from './table.js';

export function gpus(r) {
  if (!r.gpus?.length) return null;
  const known = r.gpus.filter(g => g.comparison.interval);
  const ends = known.flatMap(g => g.comparison.interval);
  const scale = ends.length ? logScale(Math.min(1, ...ends) * 0.8, Math.max(1, ...ends) * 1.2) : null;
  return section(
    'gpus',
    'Against GPUs',
    'They execute the same operators. A ratio above 1 (dotted line): the accelerator is better. served: with a ' +
      'serving framework; kernel: the kernels of the GPU alone; ideal: roofline, which no GPU can beat. Intervals hold 90 %; the scale is logarithmic.',
    table(
      'GPUs',
      [
        {title: 'GPU', text: true, value: g => g.name, show: g => h('span', {title: g.title}, g.name)},
        {title: 'weights', text: true, value: g => g.precision},
        {
          title: 'line',
          text: true,
          value: g => g.line,
          show: g => g.line + (g.source === 'measured' ? ', measured' : '') + (g.fits_memory ? '' : ', does not fit'),
        },
        {title: 'tokens/s', value: g => g.tokens_per_s, show: g => digits(g.tokens_per_s, 4)},
        {
          title: 'energy a token',
          value: g => g.tokens_per_j && 1 / g.tokens_per_j,
          show: g => (g.tokens_per_j ? quantity(1 / g.tokens_per_j, 'J') : NOTHING),
        },
        {
          title: 'speed',
          value: g => g.comparison.speed_ratio,
          show: g => `${digits(g.comparison.speed_ratio)} ${interval(...g.comparison.speed_interval)}`,
        },
        {
          title: 'power efficiency',
          value: g => g.comparison.power_efficiency_ratio,
          show: g =>
            g.comparison.interval
              ? [h('b', {}, digits(g.comparison.power_efficiency_ratio)), ` ${interval(...g.comparison.interval)}`]
              : NOTHING,
        },
        {
          title: '',
          show: g =>
            g.comparison.interval ? range(g.comparison.power_efficiency_ratio, ...g.comparison.interval, scale, 1) : '',
        },
      ],
      r.gpus,
      {head: true},
    ),
  );
}
