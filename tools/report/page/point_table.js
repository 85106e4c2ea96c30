// SPDX-License-Identifier: Apache-2.0
// The selected points as a table that holds only the rows in sight, and as CSV.
import {choice, download, h} from './dom.js';
import {csvField} from './format.js';
import {compare} from './table.js';

const ROW = 30,
  SIGHT = 420,
  MORE = 8; // pixels, pixels, rows beyond the sight

export function pointTable(points, columns, startColumns, isFront, name) {
  const shownColumns = [...startColumns];
  const headRow = h('tr'),
    body = h('tbody'),
    group = h('colgroup');
  const sight = h(
    'div',
    {
      class: 'scroll sight',
      tabindex: 0,
      role: 'region',
      'aria-label': 'selected points. Keys: arrows go from row to row, A and B pin it',
    },
    h('table', {class: 'points'}, group, h('thead', {}, headRow), body),
  );
  const count = h('p', {class: 'told', id: 'count'});
  let order = [],
    by = null,
    descending = false,
    asked = 0;

  function sort() {
    order = [];
    for (let i = 0; i < points.count; ++i) if (points.selected[i]) order.push(i);
    if (by === 'front') order.sort((a, b) => isFront[b] - isFront[a] || a - b);
    else if (by)
      order.sort(
        (a, b) =>
          compare(by.isNumber ? by.numbers[a] : by.raw[a], by.isNumber ? by.numbers[b] : by.raw[b], descending) ||
          a - b,
      );
    const shown = points.shown.reduce((s, v) => s + v, 0);
    count.textContent = `${order.length.toLocaleString('en')} of ${shown.toLocaleString('en')} points selected`;
  }
  const spacer = height => h('tr', {'aria-hidden': 'true', style: {height: `${height}px`}});
  function rowOf(i, at) {
    const pin = (text, slot) =>
      h(
        'button',
        {
          type: 'button',
          class: 'pin',
          'aria-label': `pin as ${text}`,
          'aria-pressed': String(points.pinned[slot] === i),
          onclick: e => {
            e.stopPropagation();
            points.pin(slot, i);
          },
        },
        text,
      );
    return h(
      'tr',
      {'aria-rowindex': at + 2, class: i === points.current ? 'current' : null, onclick: () => points.look(i)},
      h('td', {}, pin('A', 0), pin('B', 1)),
      h('td', {}, isFront[i] ? h('span', {title: 'on the Pareto front'}, '◆ front') : ''),
      shownColumns.map(c =>
        h('td', {class: c.isNumber ? 'number' : 'text', title: c.isNumber ? String(c.raw[i] ?? '') : null}, c.show(i)),
      ),
    );
  }
  function drawRows() {
    asked = 0;
    const first = Math.max(0, Math.floor(sight.scrollTop / ROW) - MORE);
    const last = Math.min(order.length, first + Math.ceil(SIGHT / ROW) + 2 * MORE);
    const focused =
      document.activeElement?.closest?.('.pin') && body.contains(document.activeElement)
        ? document.activeElement
        : null;
    const place = focused && [focused.closest('tr').getAttribute('aria-rowindex'), focused.textContent];
    body.replaceChildren(
      spacer(first * ROW),
      ...order.slice(first, last).map((i, k) => rowOf(i, first + k)),
      spacer((order.length - last) * ROW),
    );
    if (!place) return;
    for (const b of body.querySelectorAll(`tr[aria-rowindex="${place[0]}"] .pin`))
      if (b.textContent === place[1]) b.focus({preventScroll: true});
  }
  function drawHead() {
    const head = (title, key, isText, column) =>
      h(
        'th',
        {
          scope: 'col',
          class: isText ? 'text' : 'number',
          'aria-sort': by === key ? (descending ? 'descending' : 'ascending') : null,
        },
        h(
          'button',
          {
            type: 'button',
            title: column?.meaning || column?.key || title,
            onclick: () => {
              descending = by === key ? !descending : column?.goal === 'maximise';
              by = key;
              sort();
              drawHead();
              drawRows();
            },
          },
          title,
        ),
      );
    headRow.replaceChildren(
      h('th', {scope: 'col', class: 'text'}, 'pin'),
      head('front', 'front', true),
      ...shownColumns.map(c => head(c.title, c, !c.isNumber, c)),
    );
    const widths = [84, 78, ...shownColumns.map(c => Math.max(86, Math.min(c.title.length, 30) * 8.2 + 44))];
    group.replaceChildren(...widths.map(w => h('col', {style: {width: `${w}px`}})));
    sight.querySelector('table').style.setProperty('width', `${widths.reduce((a, b) => a + b)}px`);
    sight.querySelector('table').setAttribute('aria-rowcount', order.length + 1);
  }
  function step(amount) {
    const at = order.indexOf(points.current),
      next = at < 0 ? 0 : Math.min(Math.max(at + amount, 0), order.length - 1);
    if (order.length === 0) return;
    const top = next * ROW;
    if (top < sight.scrollTop || top > sight.scrollTop + SIGHT - 3 * ROW)
      sight.scrollTop = Math.max(0, top - SIGHT / 2);
    points.look(order[next]);
  }
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(12),
    PageUp: () => step(-12),
    Home: () => step(-Infinity),
    End: () => step(Infinity),
    a: () => points.pin(0, points.current),
    b: () => points.pin(1, points.current),
  };
  sight.addEventListener('keydown', e => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    keys[e.key]();
  });
  sight.addEventListener('scroll', () => {
    if (!asked) asked = requestAnimationFrame(drawRows);
  });
  points.listen(what => {
    if (what === 'selection') {
      sort();
      sight.scrollTop = 0;
      drawHead();
    }
    drawRows();
  });
  function csv() {
    const wide = columns.flatMap(c =>
      c.low
        ? [
            [c.key, c.raw],
            [`${c.key}.low`, c.low],
            [`${c.key}.high`, c.high],
          ]
        : [[c.key, c.raw]],
    );
    const lines = [wide.map(w => csvField(w[0])).join(',')];
    for (const i of order) lines.push(wide.map(w => csvField(w[1][i])).join(','));
    download(`${name}.csv`, lines.join('\n') + '\n', 'text/csv');
  }
  const others = () => [
    ['', 'add or remove a column'],
    ...columns.map(c => [c.key, (shownColumns.includes(c) ? '✓ ' : '') + c.key]),
  ];
  const more = h('span');
  const drawMore = () =>
    more.replaceChildren(
      choice('', others(), '', key => {
        const column = columns.find(c => c.key === key);
        if (!column) return;
        const at = shownColumns.indexOf(column);
        if (at >= 0) shownColumns.splice(at, 1);
        else shownColumns.push(column);
        drawMore();
        drawHead();
        drawRows();
      }),
    );
  drawMore();
  sort();
  drawHead();
  drawRows();
  return {
    csv,
    elements: [
      h(
        'div',
        {class: 'tools'},
        count,
        more,
        h('button', {type: 'button', id: 'csv', onclick: csv}, 'Save the selection as CSV'),
      ),
      sight,
    ],
  };
}
