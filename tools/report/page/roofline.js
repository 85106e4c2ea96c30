// SPDX-License-Identifier: Apache-2.0
// Roofline of a run: the roofs of the machine, a point for each kind of operator.
import {disclosure, h, onWidth, section, svg} from './dom.js';
import {percent, quantity, words, NOTHING} from './format.js';
import {scale, ticks, tickText} from './plot.js';
import {table} from './table.js';

/// One row a kind. Its time is the longest of: what it spent on the critical path, on the matrix unit, on the
/// vector unit, and what its bytes take at peak bandwidth; so no point lies above a roof.
export function rooflineRows(result) {
  const onPath = {};
  for (const p of result.critical_path) onPath[p.operator] = (onPath[p.operator] || 0) + p.seconds;
  return Object.entries(result.operators).map(([kind, o]) => {
    const bytes = o.dram_bytes,
      flops = o.flops;
    const seconds = Math.max(onPath[kind] || 0, o.matrix_s, o.vector_s, bytes / result.peaks.dram_bytes_per_s);
    return {
      kind,
      flops,
      bytes,
      seconds,
      path: onPath[kind] || 0,
      intensity: bytes > 0 ? flops / bytes : null,
      rate: seconds > 0 ? flops / seconds : null,
    };
  });
}

function draw(width, result, rows, total) {
  const narrow = width < 560,
    height = narrow ? 300 : 380,
    left = 84,
    right = 14,
    top = 12,
    bottom = 44;
  const {matrix_flops_per_s: matrix, vector_flops_per_s: vector, dram_bytes_per_s: dram} = result.peaks;
  const points = rows.filter(r => r.intensity > 0 && r.rate > 0);
  const xs = [...points.map(p => p.intensity), total.intensity, matrix / dram].filter(v => v > 0);
  const ys = [...points.map(p => p.rate), total.rate, matrix, vector].filter(v => v > 0);
  const x = scale(Math.min(...xs) / 2, Math.max(...xs) * 3, left, width - right, true);
  const y = scale(Math.min(...ys) / 2, Math.max(...ys) * 1.6, height - bottom, top, true);
  const parts = [];
  for (const t of ticks(x.low, x.high, 6, true)) {
    parts.push(
      svg('line', {class: 'grid', x1: x(t), x2: x(t), y1: top, y2: height - bottom}),
      svg('text', {class: 'faint', x: x(t), y: height - bottom + 16, 'text-anchor': 'middle'}, tickText(t, '')),
    );
  }
  for (const t of ticks(y.low, y.high, 5, true)) {
    parts.push(
      svg('line', {class: 'grid', x1: left, x2: width - right, y1: y(t), y2: y(t)}),
      svg('text', {class: 'faint', x: left - 6, y: y(t) + 4, 'text-anchor': 'end'}, tickText(t, 'FLOP/s')),
    );
  }
  parts.push(
    svg(
      'text',
      {class: 'faint', x: (left + width - right) / 2, y: height - 8, 'text-anchor': 'middle'},
      'FLOP per byte of DRAM',
    ),
  );
  const slope = roof =>
    `M${x(Math.max(x.low, y.low / dram))} ${y(Math.max(x.low * dram, y.low))} ` +
    `L${x(roof / dram)} ${y(roof)} L${x(x.high)} ${y(roof)}`;
  parts.push(
    svg('path', {class: 'roof', d: slope(matrix)}),
    svg('path', {
      class: 'roof vector',
      d: `M${x(Math.max(vector / dram, x.low))} ${y(vector)} L${x(x.high)} ${y(vector)}`,
    }),
  );
  const roofLabel = (value, text) =>
    svg('text', {class: 'halo', x: width - right - 4, y: y(value) - 6, 'text-anchor': 'end'}, text);
  parts.push(
    roofLabel(
      matrix,
      narrow ? 'matrix unit' : `matrix unit at ${result.workload.weight_bits} bits: ${quantity(matrix, 'FLOP/s')}`,
    ),
    roofLabel(vector, narrow ? 'vector unit' : `vector unit: ${quantity(vector, 'FLOP/s')}`),
  );
  const taken = [];
  const place = (px, py, text) => {
    // beside the point, moved down or up until it overlaps no other
    const w = text.length * 6.4,
      flip = px + 12 + w > width - right;
    for (const dy of [4, -10, 18, -24, 32, -38, 46, -52]) {
      const box = [flip ? px - 12 - w : px + 10, py + dy - 11, w, 14];
      const hits = taken.some(
        t => box[0] < t[0] + t[2] && t[0] < box[0] + box[2] && box[1] < t[1] + t[3] && t[1] < box[1] + box[3],
      );
      if (!hits && box[1] > top && box[1] + 14 < height - bottom) {
        taken.push(box);
        return svg('text', {class: 'halo', x: box[0], y: py + dy}, text);
      }
    }
    return null; // the table has it
  };
  const order = [...points].sort((a, b) => b.path - a.path);
  for (const p of order) {
    const radius = 4 + 9 * Math.sqrt(p.path / result.time_s.total);
    parts.push(
      svg(
        'circle',
        {class: 'point', cx: x(p.intensity), cy: y(p.rate), r: radius},
        svg('title', {}, `${words(p.kind)}: ${quantity(p.rate, 'FLOP/s')} at ${quantity(p.intensity)} FLOP/B`),
      ),
    );
  }
  const [cx, cy] = [x(total.intensity), y(total.rate)];
  parts.push(
    svg('path', {class: 'total', d: `M${cx} ${cy - 8} l8 8 l-8 8 l-8 -8 z`}, svg('title', {}, 'the whole run')),
  );
  taken.push([cx - 8, cy - 8, 16, 16]);
  parts.push(
    place(cx, cy + 18, 'whole run'),
    ...order.slice(0, narrow ? 3 : order.length).map(p => place(x(p.intensity), y(p.rate), words(p.kind))),
  );
  return svg(
    'svg',
    {viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': 'roofline; the table below has its numbers'},
    parts,
  );
}

export function roofline(result) {
  if (!(result.peaks?.matrix_flops_per_s > 0)) return null; // a result of an older version
  const rows = rooflineRows(result);
  const sum = key => rows.reduce((s, r) => s + r[key], 0);
  const total = {
    flops: sum('flops'),
    bytes: sum('bytes'),
    rate: sum('flops') / result.time_s.total,
    intensity: sum('flops') / sum('bytes'),
  };
  const plot = h('div', {class: 'plot'});
  onWidth(plot, width => plot.replaceChildren(draw(width, result, rows, total)));
  return section(
    'roofline',
    'Roofline',
    'Work counts 2 for a multiply-add and 1 for any other operation. The time of a kind is the longest of what it spent on the ' +
      'critical path, on each unit, and what its bytes take at peak bandwidth. A larger circle holds more of the critical path; ' +
      'the diamond is the whole run.',
    plot,
    numbers(rows, result),
  );
}

function numbers(rows, result) {
  const roof = r => Math.min(result.peaks.matrix_flops_per_s, r.intensity * result.peaks.dram_bytes_per_s);
  return disclosure(
    'Numbers of the roofline',
    table(
      'roofline',
      [
        {title: 'kind', text: true, value: r => words(r.kind)},
        {title: 'work', value: r => r.flops, show: r => quantity(r.flops, 'FLOP')},
        {title: 'DRAM', value: r => r.bytes, show: r => quantity(r.bytes, 'B')},
        {
          title: 'FLOP/B',
          value: r => r.intensity,
          show: r => (r.intensity === null ? 'on chip' : quantity(r.intensity)),
        },
        {title: 'attained', value: r => r.rate, show: r => (r.rate === null ? NOTHING : quantity(r.rate, 'FLOP/s'))},
        {
          title: 'of the roof',
          value: r => r.intensity && r.rate / roof(r),
          show: r => (r.intensity ? percent(r.rate / roof(r)) : NOTHING),
        },
        {title: 'critical path', value: r => r.path, show: r => percent(r.path / result.time_s.total)},
      ],
      rows,
      {head: true},
    ),
  );
}
