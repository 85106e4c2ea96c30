// SPDX-License-Identifier: Apache-2.0
// Report of lutsim compare, schema lutsim.comparison/1.
import {bar, logScale, range} from './bars.js';
import {disclosure, h, section} from './dom.js';
import {digits, interval, NOTHING, percent, quantity, words} from './format.js';
import {show} from './shell.js';
import {table} from './table.js';

function ranking(c) {
  const objective = row => row.values[c.objective];
  const known = c.candidates.filter(k => objective(k)?.interval);
  const ends = known.flatMap(k => objective(k).interval).filter(v => v > 0);
  const scale = ends.length ? logScale(Math.min(...ends) * 0.9, Math.max(...ends) * 1.1) : null;
  const unit = c.metrics?.[c.objective]?.unit ?? '';
  return section(
    'ranking',
    'Ranking',
    `By ${words(c.objective)}. "First": the share of the draws of all uncertain constants in which it ranks first. ` +
      'Intervals hold 90 %; the scale is logarithmic.',
    table(
      'ranking',
      [
        {title: 'rank', value: k => k.rank, show: k => k.rank ?? 'out'},
        {title: 'candidate', text: true, value: k => k.candidate, show: k => h('span', {title: k.title}, k.candidate)},
        {
          title: words(c.objective),
          value: k => objective(k)?.value ?? null,
          show: k =>
            objective(k)?.value != null
              ? [h('b', {}, quantity(objective(k).value, unit)), ` ${interval(...objective(k).interval, unit)}`]
              : NOTHING,
        },
        {
          title: '',
          show: k =>
            objective(k)?.interval && scale ? range(objective(k).value, ...objective(k).interval, scale) : '',
        },
        {
          title: 'behind the first',
          value: k => k.behind_first,
          show: k => (k.behind_first === null ? '' : `× ${digits(k.behind_first)}`),
        },
        {title: 'first', value: k => k.share_of_draws_first, show: k => percent(k.share_of_draws_first)},
      ],
      c.candidates,
    ),
    h('h4', {}, 'Why'),
    table(
      'why',
      [
        {title: 'candidate', text: true, value: k => k.candidate},
        {title: 'reason', text: true, value: k => (k.excluded_by ? `out: ${k.excluded_by}` : k.reason)},
      ],
      c.candidates,
      {head: true, sortable: false},
    ),
  );
}

function metrics(c) {
  const names = [...new Set(c.candidates.flatMap(k => Object.keys(k.values)))];
  return section(
    'metrics',
    'Every metric',
    'A dash: not known; its reason is its hint.',
    table(
      'metrics',
      [
        {title: 'candidate', text: true, value: k => k.candidate},
        ...names.map(m => ({
          title: words(m),
          value: k => k.values[m]?.value ?? null,
          show: k => {
            const v = k.values[m];
            if (v?.value == null) return h('span', {title: v?.unknown ?? ''}, NOTHING);
            const unit = c.metrics?.[m]?.unit ?? '';
            return v.interval[0] === v.interval[1]
              ? quantity(v.value, unit)
              : [quantity(v.value, unit), h('small', {}, ` ${interval(...v.interval, unit)}`)];
          },
        })),
      ],
      c.candidates,
      {head: true},
    ),
  );
}

function requirements(c) {
  const rows = c.candidates.flatMap(k => k.requirements.map(r => ({...r, candidate: k.candidate})));
  if (rows.length === 0) return null;
  return section(
    'requirements',
    'Requirements',
    null,
    table(
      'requirements',
      [
        {title: 'candidate', text: true, value: r => r.candidate},
        {title: 'bound', text: true, value: r => `${words(r.metric)} ${r.relation} ${digits(r.bound)}`},
        {title: 'value', value: r => r.value, show: r => digits(r.value)},
        {title: 'holds', text: true, value: r => (r.holds ? 'yes' : 'no')},
        {title: 'in draws', value: r => r.share_of_draws, show: r => percent(r.share_of_draws)},
        {title: '', show: r => bar(r.share_of_draws)},
      ],
      rows,
      {head: true},
    ),
  );
}

function changes(c) {
  const rows = c.candidates.flatMap(k => k.could_change.map(f => ({...f, candidate: k.candidate})));
  return section(
    'changes',
    'What could change the order',
    'One constant, or all of a common cause, moved within its range until this candidate passes the first. Everything else stays.',
    rows.length === 0
      ? h('p', {}, 'No constant alone.')
      : table(
          'changes',
          [
            {title: 'candidate', text: true, value: f => f.candidate},
            {title: 'constant or cause', text: true, value: f => f.cause},
            {title: 'towards', text: true, value: f => f.towards},
            {
              title: 'turns at',
              value: f => f.turns_at ?? f.share_of_the_way,
              show: f =>
                f.turns_at !== undefined ? quantity(f.turns_at, f.unit) : `${percent(f.share_of_the_way)} of the way`,
            },
            {
              title: 'range',
              value: f => f.range?.[2] ?? null,
              show: f =>
                f.range
                  ? `${quantity(f.range[1], f.unit)} [${quantity(f.range[0], f.unit)} .. ${quantity(f.range[2], f.unit)}]`
                  : '',
            },
          ],
          rows,
        ),
    table(
      'in draws',
      [
        {title: 'candidate', text: true, value: k => k.candidate},
        {
          title: 'before the first, of the draws',
          value: k => k.share_of_draws_before_first,
          show: k => percent(k.share_of_draws_before_first),
        },
        {title: '', show: k => bar(k.share_of_draws_before_first)},
      ],
      c.candidates.filter(k => k.rank > 1),
      {head: true},
    ),
  );
}

export function comparisonReport(data) {
  const c = data.comparison,
    w = c.workload;
  show({
    title: `Hardware for ${w.model}`,
    lines: [
      `batch ${w.batch}, ${w.prompt_tokens} prompt + ${w.cached_tokens} cached tokens, ${w.generated_tokens} generated; ` +
        `${c.candidates.length} candidates`,
    ],
    sections: [
      ranking(c),
      requirements(c),
      changes(c),
      metrics(c),
      section(
        'provenance',
        'Provenance',
        null,
        h('p', {}, `lutsim ${c.version}, seed ${c.seed}.`),
        table(
          'candidates',
          [
            {title: 'candidate', text: true, value: k => k.candidate},
            {title: 'what', text: true, value: k => `${k.title} (${words(k.kind)})`},
            {title: 'quality is that of', text: true, value: k => k.quality},
          ],
          c.candidates,
          {head: true},
        ),
        disclosure('The comparison as JSON', h('pre', {tabindex: 0}, JSON.stringify(c, null, 2))),
      ),
    ],
  });
}
