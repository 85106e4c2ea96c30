// SPDX-License-Identifier: Apache-2.0
import {comparisonReport} from './comparison_report.js';
import {h} from './dom.js';
import {quantity} from './format.js';
import {runReport} from './run_report.js';
import {show} from './shell.js';
import {sweepReport} from './sweep_report.js';
import {timeline} from './timeline.js';

const reports = {
  run: runReport,
  sweep: sweepReport,
  comparison: comparisonReport,
  timeline: data =>
    show({
      title: data.title,
      lines: [quantity(data.timeline.total * 1e-6, 's', 4)],
      sections: [timeline(data.timeline)],
    }),
};

try {
  const data = JSON.parse(document.getElementById('data').textContent);
  reports[data.kind](data);
} catch (error) {
  document
    .getElementById('main')
    .replaceChildren(
      h(
        'p',
        {role: 'alert'},
        `This report cannot be drawn: ${error.message}. Its data stand at the end of the file as JSON.`,
      ),
    );
  throw error;
}
