// Single keys. The control that a key works says so: data-key="next". Two keys in turn are written "g h".
// They never work in a text field, with a modifier, over an open dialog, or when the person has switched
// them off in the settings (<body data-shortcuts="off">) or in the list of keys (kept on this device).
const KEY = 'shortcuts';
const KEYS = {
  'g h': 'home', 'g c': 'courses', '[': 'previous', ']': 'next', m: 'complete',
  n: 'next-question', p: 'previous-question',
  ...Object.fromEntries([...'abcdegh'].map((letter) => [letter, `option-${letter}`])), f: 'flag',
};
const list = document.getElementById('shortcuts');
const choice = list?.querySelector('[data-shortcuts-on]');
const offInSettings = document.body.dataset.shortcuts === 'off';
const TEXT = 'textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"], [type="button"], [type="submit"])';
let before = '';
let forget;

if (choice) {
  choice.checked = !offInSettings && localStorage.getItem(KEY) !== 'off';
  choice.disabled = offInSettings;
  choice.addEventListener('change', () => {
    if (choice.checked) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
  });
}

// On some keyboards [ and ] need AltGr, which reports Ctrl and Alt; ? needs Shift. Letters stand alone.
function modified(event) {
  if (event.metaKey) return true;
  if ((event.ctrlKey || event.altKey) && !event.getModifierState('AltGraph')) return true;
  return event.shiftKey && /^[a-z]$/i.test(event.key);
}

function search() {
  const field = [...document.querySelectorAll('input[type="search"]')].find((input) => input.checkVisibility());
  if (field) { field.focus(); field.select(); }
  else document.querySelector('[data-search]')?.click();
}

function find(keys) {
  return Object.hasOwn(KEYS, keys) && document.querySelector(`[data-key="${KEYS[keys]}"]:not(:disabled)`);
}

document.addEventListener('keydown', (event) => {
  const off = offInSettings || localStorage.getItem(KEY) === 'off';
  if (off || event.defaultPrevented || event.isComposing || event.repeat || modified(event)) return;
  if (event.target.closest(`${TEXT}, video, audio`) || document.querySelector('dialog[open], [popover]:popover-open')) return;
  const key = event.key.toLowerCase();
  const control = (before && find(`${before} ${key}`)) || find(key);
  clearTimeout(forget);
  before = key;
  forget = setTimeout(() => { before = ''; }, 1500);
  if (key === '?' && list) list.showModal();
  else if (key === '/') search();
  else if (control) control.click();
  else return;
  before = '';
  event.preventDefault();
});
