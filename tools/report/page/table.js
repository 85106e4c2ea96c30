// SPDX-License-Identifier: Apache-2.0
import {h} from './dom.js';

/// Sorts rows by value; what has none goes last in either order.
export function compare(a, b, descending) {
  const noA = a === null || a === undefined || Number.isNaN(a);
  const noB = b === null || b === undefined || Number.isNaN(b);
  if (noA || noB) return noA - noB;
  const order =
    typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b), 'en', {numeric: true}) : a - b;
  return descending ? -order : order;
}

/// A table whose heads sort it. A column: {title, value(row), show(row) -> text or node, text}; `text`
/// columns are set left. `filter`: a field above that keeps the rows whose text contains it.
export function table(label, columns, rows, {filter = false, sortable = rows.length > 2, head = false} = {}) {
  const body = h('tbody');
  let order = rows,
    by = -1,
    descending = false,
    wanted = '';
  const textOf = row =>
    columns
      .map(c => String(c.value(row)))
      .join(' ')
      .toLowerCase();
  const draw = () =>
    body.replaceChildren(
      ...order
        .filter(r => !wanted || textOf(r).includes(wanted))
        .map(row =>
          h(
            'tr',
            {},
            columns.map((c, i) =>
              h(
                head && i === 0 ? 'th' : 'td',
                {class: c.text ? 'text' : 'number', scope: head && i === 0 ? 'row' : null},
                (c.show || c.value)(row),
              ),
            ),
          ),
        ),
    );
  const heads = columns.map((c, i) => {
    const th = h('th', {scope: 'col', class: c.text ? 'text' : 'number'});
    if (!sortable || !c.value) {
      th.append(c.title);
      return th;
    }
    th.append(
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            descending = by === i ? !descending : !c.text;
            by = i;
            order = [...rows].sort((a, b) => compare(c.value(a), c.value(b), descending));
            heads.forEach((head, j) =>
              j === i
                ? head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
                : head.removeAttribute('aria-sort'),
            );
            draw();
          },
        },
        c.title,
      ),
    );
    return th;
  });
  draw();
  const scroll = h(
    'div',
    {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label},
    h('table', {}, h('thead', {}, h('tr', {}, heads)), body),
  );
  if (!filter) return scroll;
  const field = h('input', {
    type: 'search',
    placeholder: 'filter',
    'aria-label': `filter: ${label}`,
    oninput: () => {
      wanted = field.value.toLowerCase();
      draw();
    },
  });
  return h('div', {}, h('p', {class: 'tools'}, field), scroll);
}
