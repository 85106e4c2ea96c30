// SPDX-License-Identifier: Apache-2.0
// node made_up_sweep.mjs FOLDER POINTS: the folder of a sweep that nobody ran, with hostile names.
import {mkdirSync, writeFileSync} from 'node:fs';
import {createHash} from 'node:crypto';

const [, , folder, points] = process.argv;
let state = 1;
const random = () => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
}; // the same every time
const axes = {
  engine: ['lut-i', 'lut-f', '<img src=x onerror=document.title=1>'],
  'matrix.mu': [2, 4],
  'matrix.array_rows': [4, 8, 16, 32],
  'memory.channels': [4, 8, 16, 32],
  weight_bits: [2, 3, 4],
  batch: [1, 4, 16, 64],
};
const records = [];
for (let i = 0; i < Number(points); ++i) {
  const point = Object.fromEntries(Object.entries(axes).map(([k, v]) => [k, v[Math.floor(random() * v.length)]]));
  const seconds =
    Math.max(
      (point.weight_bits / point['memory.channels']) * 0.05,
      ((point.batch * point.weight_bits) / (point['matrix.array_rows'] * point['matrix.mu'])) * 0.01,
    ) *
    (1 + random() * 0.4);
  const joules =
    point.weight_bits * 0.04 + seconds * point['memory.channels'] * 0.1 + point.batch * 0.004 * (1 + random());
  const metrics = {
    'time_s.total': seconds,
    'throughput.tokens_per_s': point.batch / seconds,
    'energy_j.total': joules,
    'energy_j.dram': joules * 0.8,
    'energy_j.matrix': joules * 0.2,
    'efficiency.tokens_per_j': point.batch / joules,
    'area_mm2.total': 5 + point['memory.channels'] + point['matrix.array_rows'] * (0.9 + random() * 0.1),
    'cycles.total': seconds * 5e8,
    'cycles.matrix.busy': seconds * 1e8,
    'cycles.matrix.wait_memory': seconds * 3e8,
    'cycles.matrix.wait_dependency': 0,
    'cycles.matrix.idle': seconds * 1e8,
  };
  records.push({
    schema: 'lutsim.point/1',
    key: createHash('sha256').update(String(i)).digest('hex'),
    fidelity: 'event',
    point,
    status: 'ok',
    reason: '',
    feasible: true,
    violated: [],
    metrics,
    intervals: {
      'energy_j.total': [joules * 0.75, joules * 1.5],
      'efficiency.tokens_per_j': [point.batch / joules / 1.5, point.batch / joules / 0.75],
    },
  });
}
const objectives = [
  ['throughput.tokens_per_s', 'maximise'],
  ['efficiency.tokens_per_j', 'maximise'],
  ['area_mm2.total', 'minimise'],
];
const values = r => objectives.map(([k, goal]) => (goal === 'minimise' ? r.metrics[k] : -r.metrics[k]));
const front = [];
for (const r of [...records].sort((a, b) => values(a)[0] - values(b)[0]))
  if (!front.some(f => values(f).every((v, k) => v <= values(r)[k]))) front.push(r);
const summary = {
  schema: 'lutsim.sweep_summary/1',
  name: 'made up </script><script>document.title=1</script>',
  description: 'points that nobody ran',
  version: '0',
  space: 'sha256:0',
  complete: true,
  strategy: {kind: 'random', points: records.length},
  axes: Object.entries(axes).map(([name, v]) => ({
    name,
    column: name,
    unit: '',
    meaning: `values of ${name}`,
    values: v,
  })),
  objectives: objectives.map(([key, goal]) => ({key, goal, unit: ''})),
  constraints: [],
  counts: {
    proposed: records.length,
    excluded: 0,
    duplicates: 0,
    records: records.length,
    ok: records.length,
    feasible: records.length,
    refused: 0,
    failed: 0,
  },
  fidelities: [{fidelity: 'event', points: records.length, front: front.map(r => ({key: r.key}))}],
  searches: [],
  failures: [],
  constants: [],
};
mkdirSync(folder, {recursive: true});
writeFileSync(`${folder}/space.yaml`, 'schema: lutsim.sweep/1\nname: made up\n');
writeFileSync(`${folder}/summary.json`, JSON.stringify(summary));
writeFileSync(`${folder}/results-1-of-1.jsonl`, records.map(r => JSON.stringify(r)).join('\n') + '\n');
