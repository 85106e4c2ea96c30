// SPDX-License-Identifier: Apache-2.0
// Report of a sweep: every view shows the same selection.
import {choice, disclosure, h, section} from './dom.js';
import {Column} from './columns.js';
import {filterMask} from './filter.js';
import {digits, quantity} from './format.js';
import {parallel} from './parallel.js';
import {pinned} from './pinned.js';
import {Points} from './points.js';
import {pointTable} from './point_table.js';
import {constantsTable} from './provenance.js';
import {scatter} from './scatter.js';
import {isTyping, show} from './shell.js';
import {table} from './table.js';

function columnsOf(data) {
  const n = data.points;
  const own = ['keys', 'fidelity', 'status', 'feasible', 'front', 'reason'].map(
    key => new Column({key: key === 'keys' ? 'key' : key, values: data[key]}, n),
  );
  return [...own, ...data.columns.map(c => new Column(c, n))];
}

/// The objectives, else whatever varies, for the first picture.
function firstAxes(columns) {
  const numbers = columns.filter(c => c.isNumber && c.varies);
  const goals = numbers.filter(c => c.goal),
    list = [...goals, ...numbers.filter(c => c.role === 'metric'), ...numbers, columns[0]];
  return [list[0], list.find(c => c !== list[0]) ?? list[0]];
}

function failures(summary) {
  if (!summary.failures?.length) return null;
  return disclosure(
    `${summary.failures.length} failed points`,
    table(
      'failed points',
      [
        {
          title: 'point',
          text: true,
          value: f =>
            Object.entries(f.point)
              .map(([k, v]) => `${k}=${v}`)
              .join(' '),
        },
        {title: 'reason', text: true, value: f => f.reason},
      ],
      summary.failures,
      {filter: true},
    ),
  );
}

function searches(summary) {
  if (!summary.searches?.length) return null;
  return [
    h('h4', {}, 'Search'),
    table(
      'searches',
      [
        {title: 'strategy', text: true, value: s => s.kind},
        {title: 'evaluations', value: s => s.evaluations},
        {title: 'distinct', value: s => s.distinct},
        {title: 'feasible', value: s => s.feasible},
        {title: 'on its front', value: s => s.front_points},
        {title: 'hypervolume', value: s => s.hypervolume, show: s => digits(s.hypervolume, 5)},
      ],
      summary.searches,
      {head: true},
    ),
  ];
}

function provenance(data, columns) {
  const s = data.summary,
    c = s.counts;
  return section(
    'provenance',
    'Provenance',
    null,
    table(
      'how it was made',
      [
        {title: 'what', text: true, value: x => x[0]},
        {title: 'value', text: true, value: x => x[1]},
      ],
      [
        ['lutsim', s.version],
        ['space', s.space],
        ['complete', s.complete ? 'yes' : 'no: interrupted, or shards are missing'],
        [
          'strategy',
          Object.entries(s.strategy)
            .filter(([, v]) => v !== '')
            .map(([k, v]) => `${k} ${v}`)
            .join(', '),
        ],
        ['constraints', s.constraints.join('; ') || 'none'],
        [
          'points',
          `${c.proposed} proposed, ${c.excluded} excluded by constraints on parameters, ${c.duplicates} the same run as another; ` +
            `${c.records} records: ${c.ok} ok (${c.feasible} feasible), ${c.refused} refused, ${c.failed} failed`,
        ],
      ],
      {sortable: false, head: true},
    ),
    searches(s),
    failures(s),
    h('h4', {}, 'Axes'),
    table(
      'axes',
      [
        {title: 'parameter', text: true, value: a => a.name},
        {title: 'meaning', text: true, value: a => a.meaning},
        {
          title: 'values',
          text: true,
          value: a => a.values.map(v => (typeof v === 'number' ? quantity(v, a.unit) : String(v))).join(', '),
        },
      ],
      s.axes,
      {head: true},
    ),
    s.constants?.length ? [h('h4', {}, 'Constants'), constantsTable(s.constants)] : null,
    disclosure('space.yaml', h('pre', {tabindex: 0}, data.space)),
  );
}

export function sweepReport(data) {
  const columns = columnsOf(data),
    n = data.points,
    points = new Points(n);
  const by = key => columns.find(c => c.key === key);
  const fidelity = by('fidelity'),
    flags = key => Uint8Array.from(by(key).raw, v => (v === true ? 1 : 0));
  const isFront = flags('front');
  points.feasible = flags('feasible');
  const varying = columns.filter(c => c.role === 'axis' && c.varies),
    goals = columns.filter(c => c.goal);
  const describe = i =>
    [...goals, ...varying].map(c => `${c.key} ${c.show(i)}`).join(', ') + (isFront[i] ? '; on the front' : '');

  const shownColumns = columns.filter(c => c.isNumber || c.role === 'axis' || c.key === 'fidelity');
  const plot = scatter(points, shownColumns, isFront, firstAxes(columns), describe);
  const lines = parallel(points, [...varying, ...goals.filter(c => c.varies)]);
  const rows = pointTable(
    points,
    columns,
    [...(fidelity.varies ? [fidelity] : []), ...(by('status').varies ? [by('status')] : []), ...goals, ...varying],
    isFront,
    data.summary.name.replaceAll(/[^A-Za-z0-9._-]+/g, '_') || 'sweep',
  );

  const wrong = h('span', {class: 'wrong', role: 'alert'});
  const field = h('input', {
    type: 'search',
    id: 'filter',
    'aria-label': 'filter of the points',
    placeholder: 'tokens_per_s>50 engine=lut-i time_s.total<=20ms',
    oninput: () => {
      try {
        points.setMask('filter', filterMask(field.value, columns, n));
        wrong.textContent = '';
      } catch (error) {
        wrong.textContent = error.message;
      }
    },
  });
  const look = name => {
    points.oneFidelity = name !== 'all' || fidelity.categories.length === 1;
    points.shownChanged = true;
    points.show(Uint8Array.from(fidelity.raw, f => (name === 'all' || f === name ? 1 : 0)));
    points.shownChanged = false;
  };
  const onlyFront = h(
    'button',
    {
      type: 'button',
      'aria-pressed': 'false',
      onclick: () => {
        const on = onlyFront.getAttribute('aria-pressed') !== 'true';
        onlyFront.setAttribute('aria-pressed', String(on));
        points.setMask('front', on ? isFront : null);
      },
    },
    'Only the front',
  );
  const clear = () => {
    plot.clear();
    lines.clear();
    field.value = '';
    wrong.textContent = '';
    onlyFront.setAttribute('aria-pressed', 'false');
    for (const view of ['scatter', 'parallel', 'filter', 'front']) points.setMask(view, null);
  };
  const best = ['rtl', 'event', 'bound'].find(f => fidelity.raw.filter(v => v === f).length > 1) ?? fidelity.raw[0];
  const tools = h(
    'div',
    {class: 'tools sticky'},
    h('label', {class: 'choice grow'}, h('span', {}, 'filter'), field),
    wrong,
    fidelity.categories.length > 1
      ? choice(
          'fidelity',
          [...fidelity.categories, 'all'].map(f => [f, f]),
          best,
          look,
        )
      : null,
    onlyFront,
    h('button', {type: 'button', id: 'clear', onclick: clear}, 'Clear'),
  );

  const c = data.summary.counts;
  show({
    title: data.summary.name,
    lines: [
      data.summary.description,
      `${digits(n, 8)} points: ${digits(c.ok, 8)} ok, ${digits(c.feasible, 8)} feasible, ${c.refused} refused, ${c.failed} failed`,
    ],
    sections: [
      section(
        'points',
        'Points',
        'A large mark with an outline is on the Pareto front of all objectives among the points of its fidelity; the line is the front of the two columns ' +
          'that are shown. Drag to select; a click clears. With the focus on the chart arrows go from point to point, a and b pin it.',
        tools,
        ...plot.elements,
      ),
      section(
        'parallel',
        'Parallel coordinates',
        'Drag along an axis to select a stretch of it; a click on the axis clears it.',
        lines.element,
      ),
      section('table', 'Table', null, ...rows.elements),
      section('pins', 'Side by side', null, pinned(points, columns, by('key'), data.folder)),
      provenance(data, columns),
    ],
    keys: {'/': () => field.focus(), Escape: clear},
  });
  look(fidelity.categories.length > 1 ? best : 'all');
  const frontShown = [...isFront.keys()].filter(i => isFront[i] && points.shown[i]);
  // What one sees first side by side: the best by the first objective and by the second.
  const bestBy = c =>
    frontShown.reduce((a, b) =>
      (c.goal === 'maximise' ? c.numbers[b] > c.numbers[a] : c.numbers[b] < c.numbers[a]) ? b : a,
    );
  if (frontShown.length > 1 && goals.length > 1) [0, 1].forEach(slot => points.pin(slot, bestBy(goals[slot])));
  field.addEventListener('keydown', e => {
    if (e.key === 'Escape' && isTyping(e)) clear();
  });
}
