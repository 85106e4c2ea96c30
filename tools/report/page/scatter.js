// SPDX-License-Identifier: Apache-2.0
// Two columns against each other, with the front; a rectangle selects.
import {choice, color, h, onWidth, prepare} from './dom.js';
import {coloring, drawMark, SHAPES} from './marks.js';
import {paretoFront} from './points.js';
import {scale, ticks} from './plot.js';

const LEFT = 76,
  BOTTOM = 44,
  TOP = 30,
  RIGHT = 14;
const HINT = 'Point at a mark, or go from mark to mark with the arrow keys.';
const NEAR = 14; // pixels from a mark that still mean it

export function scatter(points, columns, isFront, start, describe) {
  const canvas = h('canvas', {
    class: 'brush',
    tabindex: 0,
    role: 'img',
    'aria-label':
      'scatter of the points; the table below has its numbers. Keys: arrows go from point to point, A and B pin it, Escape ends the selection',
  });
  const told = h('p', {class: 'told high', 'aria-live': 'polite'}, HINT);
  const legend = h('ul', {class: 'legend'});
  let [x, y] = start,
    tint = null,
    width = 0,
    sx = null,
    sy = null,
    drag = null,
    box = null,
    front = [];
  const height = () => (width < 560 ? 320 : 440);
  const visible = i => points.shown[i] && !Number.isNaN(x.numbers[i]) && !Number.isNaN(y.numbers[i]);

  function extent(column) {
    let low = Infinity,
      high = -Infinity;
    for (let i = 0; i < points.count; ++i) {
      const v = column.numbers[i];
      if (!points.shown[i] || Number.isNaN(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    return low <= high ? [low, high] : [column.min, column.max];
  }
  const mark = (c, i, size, look, kind) =>
    drawMark(c, sx(x.numbers[i]), sy(y.numbers[i]), {size, look, kind, isFront: isFront[i]});
  function draw() {
    if (!width) return;
    const c = prepare(canvas, width, height()),
      bottom = height() - BOTTOM;
    sx = scale(...extent(x), LEFT, width - RIGHT, x.isWide);
    sy = scale(...extent(y), bottom, TOP, y.isWide);
    const grid = color('--line'),
      faint = color('--faint'),
      text = color('--text');
    const ticksOf = (column, s, count) =>
      column.isNumber ? ticks(s.low, s.high, count, column.isWide) : column.categories.map((_, i) => i);
    c.strokeStyle = grid;
    c.fillStyle = faint;
    c.lineWidth = 1;
    c.textAlign = 'center';
    for (const t of ticksOf(x, sx, width / 110)) {
      c.beginPath();
      c.moveTo(sx(t), TOP);
      c.lineTo(sx(t), bottom);
      c.stroke();
      c.fillText(x.showNumber(t), sx(t), bottom + 16);
    }
    c.fillStyle = text;
    c.fillText(x.title + (x.isWide ? ' (log)' : ''), (LEFT + width - RIGHT) / 2, bottom + 36);
    c.textAlign = 'left';
    c.fillText(y.title + (y.isWide ? ' (log)' : ''), LEFT, TOP - 12);
    c.fillStyle = faint;
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    for (const t of ticksOf(y, sy, 6)) {
      c.beginPath();
      c.moveTo(LEFT, sy(t));
      c.lineTo(width - RIGHT, sy(t));
      c.stroke();
      c.fillText(y.showNumber(t), LEFT - 6, sy(t));
    }
    c.textBaseline = 'alphabetic';
    c.textAlign = 'left';
    const tints = coloring(tint),
      looks = tints && tints.names.map((_, k) => tints.look(k)),
      accent = color('--accent');
    const many = points.selectedCount > 4000,
      rest = [],
      chosen = [];
    for (let i = 0; i < points.count; ++i) if (visible(i)) (points.selected[i] ? chosen : rest).push(i);
    c.globalAlpha = 0.35;
    for (const i of rest) {
      c.fillStyle = faint;
      c.fillRect(sx(x.numbers[i]) - 1, sy(y.numbers[i]) - 1, 2, 2);
    }
    c.globalAlpha = many ? 0.6 : 0.85;
    const look = i => (tints ? (looks[tints.index(i)] ?? faint) : accent);
    const kind = i => (tints ? (tints.index(i) ?? 0) % SHAPES.length : 0);
    for (const i of chosen) if (!isFront[i]) mark(c, i, many ? 3 : 6, look(i), kind(i));
    c.globalAlpha = 1;
    drawFront(c);
    for (const i of chosen) if (isFront[i]) mark(c, i, 6, look(i), kind(i));
    if (box) {
      c.strokeStyle = text;
      c.setLineDash([4, 3]);
      const [a, b, d, e] = [sx(box.x0), sy(box.y0), sx(box.x1), sy(box.y1)];
      c.strokeRect(Math.min(a, d), Math.min(b, e), Math.abs(d - a), Math.abs(e - b));
      c.setLineDash([]);
    }
    c.font = 'bold 13px system-ui, sans-serif';
    [
      ['A', points.pinned[0]],
      ['B', points.pinned[1]],
      ['', points.current],
    ].forEach(([name, i]) => {
      if (i < 0 || !visible(i)) return;
      const px = sx(x.numbers[i]),
        py = sy(y.numbers[i]);
      c.strokeStyle = text;
      c.lineWidth = 2;
      c.beginPath();
      c.arc(px, py, 9, 0, 7);
      c.stroke();
      c.fillStyle = text;
      c.fillText(name, px + 11, py - 7);
    });
    legend.replaceChildren(
      ...(tints
        ? tints.names.map((n, k) =>
            h('li', {}, h('span', {class: 'shape', style: {color: tints.look(k)}}, SHAPES[k % SHAPES.length]), n),
          )
        : []),
    );
  }
  function drawFront(c) {
    front = [];
    if (!x.goal || !y.goal || x === y) return;
    const feasible = [];
    for (let i = 0; i < points.count; ++i) if (points.shown[i] && points.feasible[i]) feasible.push(i);
    front = points.oneFidelity ? paretoFront(x.numbers, y.numbers, x.goal, y.goal, feasible) : [];
    c.strokeStyle = color('--second');
    c.lineWidth = 2;
    c.beginPath();
    front.forEach((i, k) => {
      const px = sx(x.numbers[i]),
        py = sy(y.numbers[i]);
      if (k === 0) c.moveTo(px, py);
      else {
        c.lineTo(px, sy(y.numbers[front[k - 1]]));
        c.lineTo(px, py);
      }
    });
    c.stroke();
    c.lineWidth = 1;
  }
  function select() {
    if (!box) {
      points.setMask('scatter', null);
      return;
    }
    const [x0, x1] = [Math.min(box.x0, box.x1), Math.max(box.x0, box.x1)],
      [y0, y1] = [Math.min(box.y0, box.y1), Math.max(box.y0, box.y1)];
    points.setMask(
      'scatter',
      Uint8Array.from({length: points.count}, (_, i) =>
        x.numbers[i] >= x0 && x.numbers[i] <= x1 && y.numbers[i] >= y0 && y.numbers[i] <= y1 ? 1 : 0,
      ),
    );
  }
  function nearest(px, py) {
    let best = -1,
      least = NEAR * NEAR;
    for (let i = 0; i < points.count; ++i) {
      if (!points.selected[i] || !visible(i)) continue;
      const dx = sx(x.numbers[i]) - px,
        dy = sy(y.numbers[i]) - py,
        d = dx * dx + dy * dy;
      if (d < least) {
        least = d;
        best = i;
      }
    }
    return best;
  }
  function step(column, by) {
    const order = [];
    for (let i = 0; i < points.count; ++i) if (points.selected[i] && visible(i)) order.push(i);
    if (order.length === 0) return;
    order.sort((a, b) => column.numbers[a] - column.numbers[b] || a - b);
    const at = order.indexOf(points.current);
    points.look(order[at < 0 ? 0 : Math.min(Math.max(at + by, 0), order.length - 1)]);
  }
  canvas.addEventListener('pointerdown', e => {
    drag = [e.offsetX, e.offsetY];
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener('pointermove', e => {
    if (!drag) {
      const i = nearest(e.offsetX, e.offsetY);
      if (i >= 0) points.look(i);
      return;
    }
    if (Math.hypot(e.offsetX - drag[0], e.offsetY - drag[1]) < 4 && !box) return;
    box = {x0: sx.invert(drag[0]), y0: sy.invert(drag[1]), x1: sx.invert(e.offsetX), y1: sy.invert(e.offsetY)};
    draw();
  });
  canvas.addEventListener('pointerup', e => {
    const isClick = drag && Math.hypot(e.offsetX - drag[0], e.offsetY - drag[1]) < 4;
    drag = null;
    if (isClick) box = null;
    select();
    if (isClick) points.look(nearest(e.offsetX, e.offsetY));
  });
  canvas.addEventListener('pointercancel', () => {
    drag = null;
  });
  const keys = {
    ArrowLeft: () => step(x, -1),
    ArrowRight: () => step(x, 1),
    ArrowUp: () => step(y, 1),
    ArrowDown: () => step(y, -1),
    a: () => points.pin(0, points.current),
    b: () => points.pin(1, points.current),
    Escape: () => {
      box = null;
      select();
    },
  };
  canvas.addEventListener('keydown', e => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    keys[e.key]();
  });
  points.listen(() => {
    told.textContent = points.current >= 0 ? describe(points.current) : HINT;
    draw();
  });
  const plot = h('div', {class: 'plot'}, canvas);
  onWidth(plot, w => {
    width = w;
    draw();
  });
  const options = columns.filter(c => c.varies).map(c => [c.key, c.title]);
  const pick = (label, value, set) =>
    choice(label, options, value.key, key => {
      set(columns.find(c => c.key === key));
      box = null;
      select();
    });
  const pinButton = (name, slot) =>
    h('button', {type: 'button', onclick: () => points.pin(slot, points.current)}, `Pin as ${name}`);
  return {
    clear: () => {
      box = null;
    },
    elements: [
      h(
        'p',
        {class: 'tools'},
        pick('across', x, c => {
          x = c;
        }),
        pick('up', y, c => {
          y = c;
        }),
        choice('colour', [['', 'none'], ...options], '', key => {
          tint = columns.find(c => c.key === key) || null;
          draw();
        }),
      ),
      plot,
      legend,
      h('div', {class: 'tools'}, pinButton('A', 0), pinButton('B', 1)),
      told,
    ],
  };
}
