// SPDX-License-Identifier: Apache-2.0
// node browser_test.mjs FOLDER: what a user does with the reports in it (browser_test.sh).
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {pathToFileURL} from 'node:url';

const folder = process.argv[2],
  screenshots = process.env.LUTSIM_SCREENSHOTS;
const module_ = JSON.parse(readFileSync(`${process.env.LUTSIM_PUPPETEER}/package.json`, 'utf8'));
const entry = module_.exports['.'].import ?? module_.exports['.'];
const puppeteer = (
  await import(pathToFileURL(`${process.env.LUTSIM_PUPPETEER}/${typeof entry === 'string' ? entry : entry.default}`))
).default;
const browser = await puppeteer.launch({
  executablePath: process.env.LUTSIM_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu'],
  protocolTimeout: 240000,
});

/// A page that fails on anything a page must not do: errors, requests, a width that scrolls.
async function open(file, {width = 1280, theme = 'light'} = {}) {
  const page = await browser.newPage(),
    wrong = [];
  page.setDefaultTimeout(120000);
  page.on('console', m => {
    if (['error', 'warn'].includes(m.type())) wrong.push(m.text());
  });
  page.on('pageerror', e => wrong.push(e.message));
  page.on('request', r => {
    if (!r.url().startsWith('file:') && !r.url().startsWith('blob:')) wrong.push(`asks for ${r.url()}`);
  });
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: theme}]);
  await page.setViewport({width, height: 900});
  await page.goto(pathToFileURL(file), {waitUntil: 'load'});
  await page.waitForSelector('section');
  page.check = async () => {
    assert.deepEqual(wrong, [], file);
    assert.notEqual(await page.title(), '1', 'a name ran as a script');
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      `${file} is wider than ${width}`,
    );
  };
  await page.check();
  if (screenshots)
    await page.screenshot({path: `${screenshots}/${file.split('/').slice(-2).join('_')}_${width}_${theme}.png`});
  return page;
}
const selected = page => page.$eval('#count', e => Number(e.textContent.split(' ')[0].replaceAll(',', '')));
const until = (page, what, ...args) => page.waitForFunction(what, {}, ...args);

async function everyReportFitsEveryWidthAndTheme() {
  for (const file of ['run/report.html', 'run/timeline.html', 'sweep/report.html', 'comparison.html'])
    for (const width of [1280, 390])
      for (const theme of ['light', 'dark']) await (await open(`${folder}/${file}`, {width, theme})).close();
}

async function runReport() {
  const page = await open(`${folder}/run/report.html`);
  const result = JSON.parse(readFileSync(`${folder}/run/result.json`, 'utf8'));
  for (const id of [
    'headline',
    'stalls',
    'energy',
    'roofline',
    'gpus',
    'sensitivity',
    'traffic',
    'timeline',
    'area',
    'provenance',
  ])
    assert.ok(await page.$(`#${id} h2`), `section ${id}`);
  const text = await page.$eval('#provenance', e => e.textContent);
  for (const c of result.provenance.constants) assert.ok(text.includes(c.name) && text.includes(c.source), c.name);
  assert.ok(await page.$eval('#headline code', (e, command) => e.textContent === command, result.provenance.command));
  const data = await page.$eval('#data', e => JSON.parse(e.textContent));
  assert.deepEqual(data.result, result, 'the raw numbers are in the page');
  // Every chart has something for those who do not see it.
  for (const chart of await page.$$('canvas, svg, .stack'))
    assert.ok((await chart.evaluate(e => e.getAttribute('aria-label'))).length > 0);

  const theme = () => page.$eval('html', e => e.getAttribute('data-theme'));
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await back();
  await page.keyboard.press('t');
  assert.equal(await theme(), 'light');
  await page.keyboard.press('t');
  assert.equal(await theme(), 'dark');
  assert.notEqual(await back(), light);
  await page.keyboard.press('t');
  assert.equal(await theme(), null);

  const told = () => page.$eval('#timeline .told', e => e.textContent.trim());
  await page.focus('#timeline canvas');
  assert.equal(await told(), '');
  await page.keyboard.press('n');
  const first = await told();
  assert.match(first, /commands, busy/);
  await page.keyboard.press('n');
  assert.notEqual(await told(), first);
  const sort = await page.$('#gpus th button');
  await sort.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.$eval('#gpus th', e => e.getAttribute('aria-sort')), 'ascending');
  await page.check();
  await page.close();
}

async function sweepReport() {
  const begin = Date.now();
  const page = await open(`${folder}/sweep/report.html`);
  const loaded = Date.now() - begin;
  assert.equal(await selected(page), 20000);
  assert.ok((await page.$$('#table tbody tr')).length < 60, 'the table holds the rows in sight only');

  // A rectangle in the scatter.
  const box = await (await page.$('#points canvas')).boundingBox();
  await page.evaluate(() => document.querySelector('#points canvas').scrollIntoView({block: 'center'}));
  const at = await (await page.$('#points canvas')).boundingBox();
  const brushed = Date.now();
  await page.mouse.move(at.x + at.width * 0.55, at.y + at.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(at.x + at.width * 0.8, at.y + at.height * 0.7, {steps: 4});
  await page.mouse.up();
  await until(page, () => !document.getElementById('count').textContent.startsWith('20,000'));
  const answered = Date.now() - brushed,
    inScatter = await selected(page);
  assert.ok(box && inScatter > 0 && inScatter < 20000, `${inScatter} in the rectangle`);

  // A stretch of an axis by the keyboard narrows it further; Escape takes it back.
  const head = await page.$('.heads button:nth-child(2)');
  await head.focus();
  await page.keyboard.press('Enter');
  const both = await selected(page);
  assert.ok(both > 0 && both < inScatter, `${both} of ${inScatter} in both`);
  await page.keyboard.press('Escape');
  assert.equal(await selected(page), inScatter);
  await page.click('#clear');
  assert.equal(await selected(page), 20000);

  // A stretch of an axis by the mouse.
  await page.evaluate(() => document.querySelector('.parallel canvas').scrollIntoView({block: 'center'}));
  const lines = await (await page.$('.parallel canvas')).boundingBox();
  const drag = Date.now();
  await page.mouse.move(lines.x + 52, lines.y + 5);
  await page.mouse.down();
  await page.mouse.move(lines.x + 52, lines.y + 60);
  await page.mouse.up();
  await until(page, () => !document.getElementById('count').textContent.startsWith('20,000'));
  const narrowed = Date.now() - drag;
  await page.click('#clear');

  // The filter, what is wrong with it, the front.
  await page.keyboard.press('/');
  await page.keyboard.type('weight_bits=2 energy_j.total<300mJ');
  const data = await page.$eval('#data', e => JSON.parse(e.textContent));
  const column = key => {
    const v = data.columns.find(c => c.key === key).values;
    return v.list ?? v.index.map(i => v.dict[i]);
  };
  const bits = column('weight_bits'),
    joules = column('energy_j.total');
  assert.equal(await selected(page), bits.filter((b, i) => b === 2 && joules[i] < 0.3).length);
  await page.keyboard.type(' nonsense>1');
  assert.match(await page.$eval('.wrong', e => e.textContent), /no column 'nonsense'/);
  await page.keyboard.press('Escape');
  assert.equal(await selected(page), 20000);

  // Sorted by a metric, the first row is the best; it is pinned by the keyboard.
  const heads = await page.$$('#table th button');
  for (const h of heads) if ((await h.evaluate(e => e.textContent)) === 'throughput.tokens_per_s') await h.click();
  const most = Math.max(...column('throughput.tokens_per_s'));
  assert.equal(await page.$eval('#table tbody tr:nth-child(2) td:nth-child(3)', e => Number(e.title)), most);
  await page.focus('#table .sight');
  await page.keyboard.press('Home');
  await page.keyboard.press('a');
  const best = data.keys.list[column('throughput.tokens_per_s').indexOf(most)];
  assert.ok((await page.$eval('#pinned code', e => e.textContent)).includes(`--config-of ${best.slice(0, 16)}`));
  assert.ok((await page.$$('#pinned .stack')).length >= 4, 'stalls and energy of both');

  // What is saved is what is selected, with all digits.
  const downloads = mkdtempSync(`${tmpdir()}/lutsim-report-`);
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', {behavior: 'allow', downloadPath: downloads});
  const onlyFront = await page.evaluateHandle(() =>
    [...document.querySelectorAll('button')].find(b => b.textContent === 'Only the front'),
  );
  await onlyFront.click();
  const count = await selected(page);
  await page.click('#csv');
  let file;
  for (let i = 0; i < 100 && !file; ++i) {
    await new Promise(resolve => setTimeout(resolve, 100));
    file = readdirSync(downloads).find(f => f.endsWith('.csv'));
  }
  const lines_ = readFileSync(`${downloads}/${file}`, 'utf8').trim().split('\n');
  assert.equal(lines_.length, count + 1);
  assert.ok(lines_[0].split(',').includes('energy_j.total.low'));
  const k = lines_[0].split(',').indexOf('throughput.tokens_per_s');
  assert.ok(column('throughput.tokens_per_s').includes(Number(lines_[1].split(',')[k])));
  await page.check();
  await page.close();
  console.log(
    `20,000 points: ${loaded} ms to load, ${answered} ms for a rectangle, ${narrowed} ms for a stretch of an axis`,
  );
}

async function comparisonReport() {
  const page = await open(`${folder}/comparison.html`);
  const comparison = JSON.parse(readFileSync(`${folder}/comparison.json`, 'utf8'));
  const rows = await page.$eval('#ranking tbody', body => [...body.rows].map(r => r.cells[1].textContent));
  assert.deepEqual(
    rows,
    comparison.candidates.map(c => c.candidate),
  );
  await page.check();
  await page.close();
}

try {
  for (const test of [everyReportFitsEveryWidthAndTheme, runReport, sweepReport, comparisonReport]) {
    await test();
    console.log(`ok ${test.name}`);
  }
} finally {
  await browser.close();
}
