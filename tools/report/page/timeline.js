// SPDX-License-Identifier: Apache-2.0
// What every unit did over time.
import {color, h, onWidth, prepare, section} from './dom.js';
import {quantity, words} from './format.js';
import {ticks} from './plot.js';

const LEFT = 84,
  TOP = 24,
  ROW = 26;
const COLORS = 9;

/// `data`: {tracks, kinds, total, slices: [track, begin, end, kind, name, commands, busy]}, microseconds.
export function timeline(data) {
  const canvas = h('canvas', {
    class: 'moves',
    tabindex: 0,
    role: 'img',
    'aria-label':
      'timeline of the units. Keys: plus and minus zoom, arrows move, 0 shows all, N and P go from slice to slice',
  });
  const told = h('p', {class: 'told', 'aria-live': 'polite'}, '\u00a0');
  const time = us => quantity(us * 1e-6, 's', 4);
  const look = kind => color(`--c${kind % COLORS}`);
  const inOrder = [...data.slices.keys()].sort((a, b) => data.slices[a][1] - data.slices[b][1]);
  let from = 0,
    to = data.total,
    width = 0,
    dragged = null,
    chosen = -1;
  const x = t => LEFT + ((t - from) / (to - from)) * (width - LEFT);
  const timeAt = px => from + ((px - LEFT) / (width - LEFT)) * (to - from);

  function draw() {
    const height = TOP + ROW * data.tracks.length;
    const c = prepare(canvas, width, height);
    c.textBaseline = 'middle';
    for (const t of ticks(from, to, Math.max(2, width / 130), false)) {
      c.strokeStyle = color('--line');
      c.beginPath();
      c.moveTo(x(t), TOP - 4);
      c.lineTo(x(t), height);
      c.stroke();
      c.fillStyle = color('--faint');
      if (x(t) < width - 56) c.fillText(time(t), x(t) + 3, TOP / 2);
    }
    c.save();
    c.beginPath();
    c.rect(LEFT, 0, width - LEFT, height);
    c.clip();
    const looks = data.kinds.map((_, i) => look(i));
    data.slices.forEach((s, i) => {
      if (s[2] < from || s[1] > to) return;
      const a = x(s[1]),
        w = Math.max(x(s[2]) - a, 0.6),
        y = TOP + s[0] * ROW + 3;
      c.fillStyle = looks[s[3]];
      c.fillRect(a, y, w, ROW - 6);
      if (i === chosen) {
        c.strokeStyle = color('--text');
        c.lineWidth = 2;
        c.strokeRect(a - 1, y - 1, w + 2, ROW - 4);
        c.lineWidth = 1;
      }
      if (w < 60) return;
      c.save();
      c.beginPath();
      c.rect(a, y, w, ROW - 6);
      c.clip();
      c.fillStyle = 'rgb(0 0 0 / .42)';
      const label = Math.max(a, LEFT) + 4,
        textWidth = c.measureText(s[4]).width;
      c.fillRect(label - 2, y + 2, textWidth + 4, ROW - 10);
      c.fillStyle = '#fff';
      c.fillText(s[4], label, y + (ROW - 6) / 2);
      c.restore();
    });
    c.restore();
    c.fillStyle = color('--text');
    data.tracks.forEach((name, i) => c.fillText(words(name), 0, TOP + (i + 0.5) * ROW));
  }
  function show(begin, end) {
    const span = Math.min(Math.max(end - begin, 1e-4), data.total);
    from = Math.min(Math.max(begin, 0), data.total - span);
    to = from + span;
    draw();
  }
  const zoom = (factor, at) => show(at - (at - from) * factor, at + (to - at) * factor);
  function tell(s) {
    told.textContent = s
      ? `${s[4]} (${words(data.kinds[s[3]])}) on ${words(data.tracks[s[0]])}, ${time(s[1])} to ${time(s[2])}: ` +
        `${time(s[2] - s[1])}, ${s[5]} commands, busy ${time(s[6])}`
      : '\u00a0';
  }
  function step(by) {
    const at = inOrder.indexOf(chosen);
    const next = inOrder[Math.min(Math.max(at + by, 0), inOrder.length - 1)];
    chosen = next;
    const s = data.slices[next];
    if (s[1] < from || s[2] > to) show((s[1] + s[2] - to + from) / 2, (s[1] + s[2] + to - from) / 2);
    else draw();
    tell(s);
  }
  canvas.addEventListener(
    'wheel',
    e => {
      if (!e.ctrlKey && !e.shiftKey && document.activeElement !== canvas) return; // the page scrolls
      e.preventDefault();
      zoom(e.deltaY > 0 ? 1.25 : 0.8, timeAt(e.offsetX));
    },
    {passive: false},
  );
  canvas.addEventListener('pointerdown', e => {
    dragged = e.offsetX;
    canvas.setPointerCapture(e.pointerId);
  });
  for (const end of ['pointerup', 'pointercancel'])
    canvas.addEventListener(end, () => {
      dragged = null;
    });
  canvas.addEventListener('pointermove', e => {
    if (dragged !== null) {
      const by = ((dragged - e.offsetX) / (width - LEFT)) * (to - from);
      dragged = e.offsetX;
      show(from + by, to + by);
      return;
    }
    const t = timeAt(e.offsetX),
      track = Math.floor((e.offsetY - TOP) / ROW),
      near = (to - from) / width;
    tell(data.slices.find(s => s[0] === track && s[1] - near <= t && t <= s[2] + near));
  });
  const keys = {
    ArrowLeft: () => show(from - (to - from) / 5, to - (to - from) / 5),
    ArrowRight: () => show(from + (to - from) / 5, to + (to - from) / 5),
    '+': () => zoom(0.8, (from + to) / 2),
    '-': () => zoom(1.25, (from + to) / 2),
    0: () => show(0, data.total),
    n: () => step(1),
    p: () => step(-1),
  };
  canvas.addEventListener('keydown', e => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    keys[e.key]();
  });
  const button = (text, label, key) => h('button', {type: 'button', 'aria-label': label, onclick: keys[key]}, text);
  const plot = h('div', {class: 'plot'}, canvas);
  onWidth(plot, w => {
    width = w;
    draw();
  });
  return section(
    'timeline',
    'Timeline',
    'What every unit worked on. Drag to move; click it and use the wheel to zoom; with the focus on it + and - zoom, arrows move, 0 shows ' +
      'all, n and p go from slice to slice.',
    h(
      'p',
      {class: 'tools'},
      button('+', 'zoom in', '+'),
      button('−', 'zoom out', '-'),
      button('all', 'show all', '0'),
      button('◀', 'previous slice', 'p'),
      button('▶', 'next slice', 'n'),
    ),
    plot,
    told,
    h(
      'ul',
      {class: 'legend'},
      data.kinds.map((k, i) =>
        h('li', {}, h('span', {class: 'key', style: {background: `var(--c${i % COLORS})`}}), words(k)),
      ),
    ),
  );
}
