// SPDX-License-Identifier: Apache-2.0
// Report of one run, schema lutsim.result/1.
import {digits} from './format.js';
import {provenance} from './provenance.js';
import {roofline} from './roofline.js';
import {energy, sensitivity, area} from './run_energy.js';
import {gpus} from './run_gpus.js';
import {headline, stalls, traffic} from './run_time.js';
import {show} from './shell.js';
import {timeline} from './timeline.js';

export function runReport(data) {
  const r = data.result,
    w = r.workload,
    chips = r.architecture.system.chips;
  show({
    title: `${w.model} on ${r.architecture.name}${chips > 1 ? `, ${chips} chips` : ''}`,
    lines: [
      `${digits(w.weight_bits)}-bit weights in groups of ${w.group_size}; batch ${w.batch}, ${w.prompt_tokens} prompt + ` +
        `${w.cached_tokens} cached tokens, ${w.generated_tokens} generated; ` +
        (r.mode.functional ? `functional mode, matrix unit: ${r.mode.engine_impl}` : 'timing mode'),
    ],
    sections: [
      headline(data),
      stalls(r),
      energy(r),
      roofline(r),
      gpus(r),
      sensitivity(data),
      traffic(r),
      data.timeline ? timeline(data.timeline) : null,
      area(r),
      provenance(data),
    ],
  });
}
