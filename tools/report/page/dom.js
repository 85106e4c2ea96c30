// SPDX-License-Identifier: Apache-2.0
// Elements without innerHTML: text stays text, whatever a name holds.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'style') for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false));
  return element;
}

/// An element: attributes, `on...` listeners, `style` as an object, then children.
export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/// Tells a screen reader, and nobody else.
export function say(text) {
  document.getElementById('said').textContent = text;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // no permission, or an old browser
    const area = h('textarea', {class: 'hidden'});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/// A command with a button that copies it.
export function commandBox(command, label = 'Copy the command') {
  const button = h('button', {type: 'button', class: 'copy', 'aria-label': label}, 'Copy');
  button.addEventListener('click', async () => {
    await copy(command);
    button.textContent = 'Copied';
    say('Copied');
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  });
  return h('div', {class: 'command'}, h('code', {tabindex: 0}, command), button);
}

export const disclosure = (summary, ...content) => h('details', {}, h('summary', {}, summary), ...content);

export function section(id, title, note, ...content) {
  return h(
    'section',
    {id, 'aria-labelledby': `${id}-title`},
    h('h2', {id: `${id}-title`}, title),
    note ? h('p', {class: 'note'}, note) : null,
    ...content,
  );
}

/// A labelled choice. `options`: [value, text] pairs.
export function choice(label, options, value, onchange) {
  const select = h(
    'select',
    {},
    options.map(([v, text]) => h('option', {value: v}, text)),
  );
  select.value = value;
  select.addEventListener('change', () => onchange(select.value));
  return h('label', {class: 'choice'}, h('span', {}, label), select);
}

/// Saves a text as a file of the user's.
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = h('a', {href: url, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/// Calls `draw(width)` now and whenever the width of `box` or the theme changes.
export function onWidth(box, draw) {
  let width = 0;
  const redraw = () => {
    if (width > 0) draw(width);
  };
  new ResizeObserver(entries => {
    const next = Math.floor(entries[0].contentRect.width);
    if (next !== width) {
      width = next;
      redraw();
    }
  }).observe(box);
  document.addEventListener('themechange', redraw);
}

/// A colour of the style sheet, for a canvas.
export const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/// A canvas of `width` x `height` CSS pixels, cleared, with its context scaled to them.
export function prepare(canvas, width, height) {
  const scale = devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const c = canvas.getContext('2d');
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = '12px system-ui, sans-serif';
  return c;
}
