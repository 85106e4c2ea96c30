// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates: a line a point; a stretch of an axis selects.
import {distinctNames} from './columns.js';
import {color, h, onWidth, prepare, say} from './dom.js';

const HEIGHT = 320,
  TOP = 10,
  BOTTOM = 22,
  LEAST = 120;
const LONGEST = 16; // characters of a mark
const CHUNK = 400; // lines of one path: longer paths stroke slowly
const BACKGROUND = 3000; // lines that are drawn of those not selected

const cut = text => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/// Where each point crosses an axis, 0 at the bottom. Columns of few values are spaced evenly.
function fractions(column) {
  const distinct = [...new Set(column.numbers)].filter(v => !Number.isNaN(v)).sort((a, b) => a - b);
  if (distinct.length <= 12) {
    const rank = new Map(distinct.map((v, k) => [v, distinct.length > 1 ? k / (distinct.length - 1) : 0.5]));
    return {
      at: Float32Array.from(column.numbers, v => rank.get(v) ?? NaN),
      marks: distinct.map(v => [rank.get(v), cut(column.showNumber(v))]),
    };
  }
  const f = column.isWide ? Math.log : v => v,
    low = f(column.min),
    span = f(column.max) - low;
  const back = t => (column.isWide ? Math.exp(low + t * span) : low + t * span);
  return {
    at: Float32Array.from(column.numbers, v => (f(v) - low) / span),
    marks: [0, 0.25, 0.5, 0.75, 1].map(t => [t, column.showNumber(back(t))]),
  };
}

export function parallel(points, columns) {
  const axes = columns.map(column => ({column, ...fractions(column), brush: null}));
  const canvas = h('canvas', {
    class: 'brush',
    role: 'img',
    'aria-label':
      'parallel coordinates; the heads of the axes take keys: Enter begins or ends a selection, arrows move it, Shift with arrows changes its size',
  });
  const names = distinctNames(columns);
  const heads = h('div', {class: 'heads'});
  const box = h('div', {class: 'parallel'}, heads, canvas);
  const scroll = h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'parallel coordinates'}, box);
  let width = 0,
    drag = null,
    frame = 0,
    behind = null;
  const gap = () => (width - LEAST) / Math.max(1, axes.length - 1);
  const xOf = k => LEAST / 2 + k * gap();
  const yOf = t => HEIGHT - BOTTOM - t * (HEIGHT - TOP - BOTTOM);
  const tOf = y => Math.min(Math.max((HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM), 0), 1);

  function lines(c, list, from, to) {
    for (let begin = from; begin < to; begin += CHUNK) {
      c.beginPath();
      for (let n = begin; n < Math.min(begin + CHUNK, to); ++n) {
        let pen = false;
        for (let k = 0; k < axes.length; ++k) {
          const t = axes[k].at[list[n]];
          if (Number.isNaN(t)) {
            pen = false;
            continue;
          }
          if (pen) c.lineTo(xOf(k), yOf(t));
          else c.moveTo(xOf(k), yOf(t));
          pen = true;
        }
      }
      c.stroke();
    }
  }
  function drawBehind() {
    // kept: it changes with the width and the theme only
    const all = [];
    for (let i = 0; i < points.count; ++i) if (points.shown[i]) all.push(i);
    const step = Math.max(1, Math.ceil(all.length / BACKGROUND));
    behind = document.createElement('canvas');
    behind.width = canvas.width;
    behind.height = canvas.height;
    const c = behind.getContext('2d'),
      s = devicePixelRatio || 1;
    c.setTransform(s, 0, 0, s, 0, 0);
    c.strokeStyle = color('--line');
    c.globalAlpha = 0.7;
    lines(
      c,
      all.filter((_, n) => n % step === 0),
      0,
      Math.ceil(all.length / step),
    );
  }
  function drawAxes(c) {
    c.fillStyle = color('--text');
    c.textBaseline = 'middle';
    axes.forEach((a, k) => {
      c.strokeStyle = color('--faint');
      c.lineWidth = 1;
      c.beginPath();
      c.moveTo(xOf(k), yOf(0));
      c.lineTo(xOf(k), yOf(1));
      c.stroke();
      const back = color('--back'),
        text = color('--text');
      for (const [t, name] of a.marks) {
        c.lineWidth = 3;
        c.strokeStyle = back;
        c.fillStyle = text;
        c.strokeText(name, xOf(k) + 5, yOf(t));
        c.fillText(name, xOf(k) + 5, yOf(t));
      }
      if (!a.brush) return;
      c.globalAlpha = 0.25;
      c.fillStyle = color('--accent');
      const [low, high] = a.brush;
      c.fillRect(xOf(k) - 9, yOf(high), 18, yOf(low) - yOf(high));
      c.globalAlpha = 1;
      c.strokeStyle = color('--accent');
      c.lineWidth = 2;
      c.strokeRect(xOf(k) - 9, yOf(high), 18, Math.max(2, yOf(low) - yOf(high)));
    });
  }
  /// Lines come in parts, so that a brush over many points stays quick; a newer drawing ends an older.
  function draw() {
    if (!width) return;
    cancelAnimationFrame(frame);
    const c = prepare(canvas, width, HEIGHT);
    if (!behind || behind.width !== canvas.width) drawBehind();
    c.save();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(behind, 0, 0);
    c.restore();
    const chosen = [];
    for (let i = 0; i < points.count; ++i) if (points.selected[i]) chosen.push(i);
    const accent = color('--accent'),
      alpha = Math.max(0.025, Math.min(0.7, 60 / chosen.length));
    let next = 0;
    const part = () => {
      c.strokeStyle = accent;
      c.lineWidth = 1;
      c.globalAlpha = alpha;
      const end = Math.min(next + 2000, chosen.length);
      lines(c, chosen, next, end);
      next = end;
      c.globalAlpha = 1;
      if (next < chosen.length) {
        frame = requestAnimationFrame(part);
        return;
      }
      c.lineWidth = 2.5;
      for (const [i, look] of [
        [points.current, '--text'],
        [points.pinned[0], '--second'],
        [points.pinned[1], '--second'],
      ]) {
        if (i < 0) continue;
        c.strokeStyle = color(look);
        lines(c, [i], 0, 1);
      }
      drawAxes(c);
    };
    part();
  }
  function select() {
    const brushed = axes.filter(a => a.brush);
    points.setMask(
      'parallel',
      brushed.length === 0
        ? null
        : Uint8Array.from({length: points.count}, (_, i) =>
            brushed.every(a => a.at[i] >= a.brush[0] - 1e-6 && a.at[i] <= a.brush[1] + 1e-6) ? 1 : 0,
          ),
    );
  }
  const axisAt = px => {
    const k = Math.round((px - LEAST / 2) / gap());
    return k >= 0 && k < axes.length && Math.abs(px - xOf(k)) < 24 ? axes[k] : null;
  };
  canvas.addEventListener('pointerdown', e => {
    const axis = axisAt(e.offsetX);
    if (!axis) return;
    drag = {axis, from: tOf(e.offsetY), moved: false};
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener('pointermove', e => {
    if (!drag) return;
    const t = tOf(e.offsetY);
    if (Math.abs(t - drag.from) < 0.01 && !drag.moved) return;
    drag.moved = true;
    drag.axis.brush = [Math.min(t, drag.from), Math.max(t, drag.from)];
    select();
  });
  canvas.addEventListener('pointerup', () => {
    if (drag && !drag.moved) {
      drag.axis.brush = null;
      select();
    }
    drag = null;
  });
  function onKey(e, axis) {
    const step = 0.05,
      [low, high] = axis.brush || [0, 1];
    const move = (a, b) => {
      axis.brush = [Math.max(0, a), Math.min(1, b)];
    };
    if (e.key === 'Enter' || e.key === ' ') axis.brush = axis.brush ? null : [0.5, 1];
    else if (e.key === 'Escape' || e.key === 'Delete') axis.brush = null;
    else if (e.key === 'ArrowUp' && e.shiftKey) move(low, high + step);
    else if (e.key === 'ArrowDown' && e.shiftKey) move(low, Math.max(low, high - step));
    else if (e.key === 'ArrowUp') {
      const by = Math.min(step, 1 - high);
      move(low + by, high + by);
    } else if (e.key === 'ArrowDown') {
      const by = Math.min(step, low);
      move(low - by, high - by);
    } else return;
    e.preventDefault();
    e.stopPropagation(); // Escape ends this stretch and nothing else
    select();
    say(axis.brush ? `${axis.column.title}: ${points.selectedCount} points selected` : `${axis.column.title}: all`);
  }
  axes.forEach((a, k) =>
    heads.append(
      h(
        'button',
        {
          type: 'button',
          title: a.column.meaning || a.column.key,
          'aria-label': `${a.column.title}: Enter selects its upper half or ends the selection, arrows move it, Shift with arrows changes its size`,
          onkeydown: e => onKey(e, a),
          onclick: e => {
            if (e.detail > 0 && a.brush) {
              a.brush = null;
              select();
            }
          },
        },
        names[k],
      ),
    ),
  );
  points.listen(what => {
    if (what === 'selection' && points.shownChanged) {
      behind = null;
    }
    draw();
  });
  document.addEventListener('themechange', () => {
    behind = null;
  });
  onWidth(scroll, w => {
    width = Math.max(w, LEAST * axes.length * 0.72);
    box.style.setProperty('width', `${width}px`);
    [...heads.children].forEach((head, k) => head.style.setProperty('left', `${xOf(k)}px`));
    behind = null;
    draw();
  });
  return {
    clear: () => {
      for (const a of axes) a.brush = null;
    },
    element: scroll,
  };
}
