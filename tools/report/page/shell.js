// SPDX-License-Identifier: Apache-2.0
// What every report has around its sections: head, links, theme, keys.
import {h, say} from './dom.js';

const THEMES = ['auto', 'light', 'dark'];
const STORE = 'lutsim-theme';

function stored() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  } // refused for some file:// pages
}

function applyTheme(theme, button) {
  const root = document.documentElement;
  if (theme === 'auto') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', theme);
  button.textContent = `Theme: ${theme}`;
  try {
    localStorage.setItem(STORE, theme);
  } catch {
    /* not kept, then */
  }
  document.dispatchEvent(new Event('themechange'));
}

function themeButton() {
  let theme = THEMES.includes(stored()) ? stored() : 'auto';
  const button = h('button', {
    type: 'button',
    id: 'theme',
    'aria-keyshortcuts': 't',
    title: 'automatic, light or dark (key t)',
  });
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    applyTheme(theme, button);
    say(`Theme ${theme}`);
  });
  applyTheme(theme, button);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    document.dispatchEvent(new Event('themechange')),
  );
  return button;
}

/// True when a key press belongs to a field that the user types into.
export const isTyping = event => event.target.closest('input, select, textarea') !== null;

/// Fills the page: head, a link to each section, the sections. `keys`: {key: function} of the page.
export function show({title, lines, sections, keys = {}}) {
  const shown = sections.filter(Boolean);
  const theme = themeButton();
  document.getElementById('top').append(
    h('div', {class: 'bar'}, h('span', {class: 'brand'}, 'lutsim report'), theme),
    h('h1', {}, title),
    ...lines.filter(Boolean).map(line => h('p', {class: 'lead'}, line)),
    h(
      'nav',
      {'aria-label': 'Sections'},
      shown.map(s => h('a', {href: `#${s.id}`}, s.querySelector('h2').textContent)),
    ),
  );
  document.getElementById('main').replaceChildren(...shown);
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event)) return;
    const action = event.key === 't' ? () => theme.click() : keys[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}
