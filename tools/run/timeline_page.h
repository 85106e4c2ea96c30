// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lutsim::tools {

/// The page of timeline_page(); /*DATA*/ stands where its data go.
constexpr const char* kTimelinePage = R"page(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>lutsim timeline</title>
<style>
  :root { color-scheme: light dark; --text: #222; --faint: #777; --line: #ddd; --back: #fff; }
  @media (prefers-color-scheme: dark) {
    :root { --text: #ddd; --faint: #999; --line: #444; --back: #1b1b1b; }
  }
  body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; color: var(--text); background: var(--back); }
  h1 { font-size: 1.1rem; margin: 0 0 .3rem; }
  p, ul { color: var(--faint); margin: .3rem 0; }
  canvas { width: 100%; display: block; cursor: grab; touch-action: none; outline-offset: 2px; }
  ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
  li span { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
  #about { min-height: 1.4em; color: var(--text); font-variant-numeric: tabular-nums; }
</style>
<h1 id="title"></h1>
<p>Wheel, + and - zoom; drag and the arrow keys move; 0 shows all.</p>
<canvas id="view" tabindex="0" role="img" aria-label="what every unit does over time"></canvas>
<p id="about">&nbsp;</p>
<ul id="kinds"></ul>
<script>
'use strict';
const data = /*DATA*/;
const view = document.getElementById('view'), about = document.getElementById('about');
const left = 90, top_ = 22, row = 26;
let from = 0, to = data.total, width = 0, dragged = null;
const color = k => `hsl(${(k * 137.5 + 210) % 360} 55% 55%)`;
const digits = value => +value.toPrecision(4);
const time = us => us >= 1e6 ? digits(us / 1e6) + ' s' : us >= 1e3 ? digits(us / 1e3) + ' ms'
  : us >= 1 ? digits(us) + ' us' : digits(us * 1e3) + ' ns';
document.getElementById('title').textContent = data.title + ', ' + time(data.total);
document.getElementById('kinds').innerHTML = data.kinds.map((k, i) =>
  `<li><span style="background:${color(i)}"></span>${k}</li>`).join('');
const x = t => left + (t - from) / (to - from) * (width - left);
function draw() {
  width = view.clientWidth;
  const height = top_ + row * data.tracks.length, scale = devicePixelRatio || 1;
  view.style.height = height + 'px';
  view.width = width * scale; view.height = height * scale;
  const c = view.getContext('2d');
  c.scale(scale, scale);
  const css = getComputedStyle(document.documentElement);
  c.font = '12px system-ui, sans-serif';
  c.textBaseline = 'middle';
  const least = (to - from) * 100 / (width - left), power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 5, 10].find(n => n * power >= least);
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    c.strokeStyle = css.getPropertyValue('--line');
    c.beginPath(); c.moveTo(x(t), top_ - 4); c.lineTo(x(t), height); c.stroke();
    c.fillStyle = css.getPropertyValue('--faint');
    if (x(t) < width - 60) c.fillText(time(t), x(t) + 3, top_ / 2);
  }
  c.save();
  c.beginPath(); c.rect(left, 0, width - left, height); c.clip();
  for (const s of data.slices) {
    if (s[2] < from || s[1] > to) continue;
    const a = x(s[1]), w = Math.max(x(s[2]) - a, 0.6), y = top_ + s[0] * row + 3;
    c.fillStyle = color(s[3]);
    c.fillRect(a, y, w, row - 6);
    if (w > 60) {
      c.save();
      c.beginPath(); c.rect(a, y, w, row - 6); c.clip();
      c.fillStyle = '#fff';
      c.fillText(s[4], Math.max(a, left) + 4, y + (row - 6) / 2);
      c.restore();
    }
  }
  c.restore();
  c.fillStyle = css.getPropertyValue('--text');
  data.tracks.forEach((name, i) => c.fillText(name, 0, top_ + (i + .5) * row));
}
function show(begin, end) {
  const span = Math.min(Math.max(end - begin, 1e-4), data.total);
  from = Math.min(Math.max(begin, 0), data.total - span);
  to = from + span;
  draw();
}
function zoom(factor, at) { show(at - (at - from) * factor, at + (to - at) * factor); }
const timeAt = px => from + (px - left) / (width - left) * (to - from);
view.addEventListener('wheel', e => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.25 : .8, timeAt(e.offsetX)); },
  {passive: false});
view.addEventListener('pointerdown', e => { dragged = e.offsetX; view.setPointerCapture(e.pointerId); });
view.addEventListener('pointerup', () => { dragged = null; });
view.addEventListener('pointermove', e => {
  if (dragged !== null) {
    const by = (dragged - e.offsetX) / (width - left) * (to - from);
    dragged = e.offsetX;
    show(from + by, to + by);
    return;
  }
  const t = timeAt(e.offsetX), track = Math.floor((e.offsetY - top_) / row), near = (to - from) / width;
  const s = data.slices.find(s => s[0] === track && s[1] - near <= t && t <= s[2] + near);
  about.textContent = s ? `${s[4]} (${data.kinds[s[3]]}), ${time(s[1])} to ${time(s[2])}: ` +
    `${time(s[2] - s[1])}, ${s[5]} commands, busy ${time(s[6])}` : '\u00a0';
});
view.addEventListener('keydown', e => {
  const span = to - from, middle = (from + to) / 2;
  const keys = {ArrowLeft: () => show(from - span / 5, to - span / 5),
    ArrowRight: () => show(from + span / 5, to + span / 5), '+': () => zoom(.8, middle),
    '-': () => zoom(1.25, middle), '0': () => show(0, data.total)};
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});
addEventListener('resize', draw);
draw();
</script>
</html>
)page";

}  // namespace lutsim::tools
