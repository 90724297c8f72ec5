// Grading by keys: J and K go on and back, a figure is the points, Ctrl or ⌘ with Enter saves and goes on.
// Without this script the same is done with the fields, links and buttons.

const KEY = 'shortcuts'; // the same switch as on the rest of the site
const form = document.querySelector('[data-grading-form]');
const dialog = document.getElementById('grading-keys');
const choice = dialog?.querySelector('[data-grading-keys-on]');
const help = document.querySelector('[data-grading-help]');
const TEXT = 'textarea, select, [contenteditable], input:not([type="radio"], [type="checkbox"], [type="button"], [type="submit"])';

if (choice) {
  choice.checked = localStorage.getItem(KEY) !== 'off';
  choice.addEventListener('change', () => {
    if (choice.checked) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
  });
}

if (help) {
  help.hidden = false;
  help.addEventListener('click', () => dialog.showModal());
}

// After a refusal its sentence is read first, then the first field that is wrong.
(document.querySelector('[data-grading-refusal]') ?? form?.querySelector('[aria-invalid]'))?.focus();

let isSent = false;
form?.addEventListener('submit', (event) => {
  if (isSent) event.preventDefault();
  isSent = true;
});
addEventListener('pageshow', () => { isSent = false; });

function save(event) {
  if (!form) return;
  event.preventDefault();
  if (!isSent) form.requestSubmit(form.querySelector('[data-grading-save]'));
}

function points(figure) {
  const field = form?.elements.points;
  if (!field || Number(figure) > Number(form.dataset.most)) return false;
  field.value = figure;
  field.focus();
  field.select();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || dialog?.open) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { save(event); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TEXT)) return;
  if (localStorage.getItem(KEY) === 'off') return;
  const key = event.key.toLowerCase();
  if (key === '?') dialog?.showModal();
  else if (/^[0-9]$/.test(key)) { if (!points(key)) return; }
  else if (!event.shiftKey && (key === 'j' || key === 'k')) {
    const link = document.querySelector(`[data-grading-key="${key}"]`);
    if (!link) return;
    link.click();
  } else return;
  event.preventDefault();
});
