// The builder of a course, or of a quiz, without reloading: forms are sent in the background, rows are dragged.
// Without this script each form sends itself and each row has its Up, Down and Move.

const page = document.querySelector('[data-builder]');
const outline = page.querySelector('[data-builder-outline]');
const status = page.querySelector('[data-builder-status]');
const all = (selector, root = outline) => [...root.querySelectorAll(selector)];
const OUTER = '[data-module], [data-question]'; // rows that stay in their list; lessons go from one to another
let waiting = Promise.resolve();

// Screen readers speak a changed text only: the same sentence twice is spoken twice.
function say(text) {
  status.textContent = '';
  requestAnimationFrame(() => { status.textContent = text; });
}

// The new outline takes the place of the old one; what was typed elsewhere and not sent stays.
function show(html, sent) {
  const typed = all('input[type="text"], input:not([type]), select')
    .filter((field) => field.form !== sent && field.id && field.value !== initial(field))
    .map((field) => [field.id, field.value]);
  outline.innerHTML = html;
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
}

const initial = (field) => field.defaultValue ?? ([...field.options].find((option) => option.defaultSelected)
  ?? field.options[0])?.value;

function focusOn(...ids) {
  for (const id of ids) {
    const element = id && document.getElementById(id);
    if (element) { element.focus(); return; }
  }
  document.getElementById('builder-title')?.focus();
}

function refuse(form, message) {
  const place = form?.querySelector('[data-error]') ?? form?.closest('.build-tools')?.querySelector('.build-acts [data-error]');
  if (!place) { say(message); alertRow(message); return; }
  place.textContent = message;
  const menu = place.closest('.build-menu');
  if (menu) menu.open = true;
  const field = form.querySelector('input:not([type="hidden"])');
  if (field) { field.setAttribute('aria-invalid', 'true'); field.focus(); }
  say(message);
}

function alertRow(message) {
  const place = outline.querySelector('[data-builder-error]');
  if (place) place.textContent = message;
}

async function send(url, body, form, button) {
  page.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(url, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } });
    if (response.redirected || !response.headers.get('Content-Type')?.includes('json')) throw new Error(response.status);
    const answer = await response.json();
    const here = document.activeElement?.id;
    if (answer.html) show(answer.html, form);
    if (response.ok) { say(answer.message); focusOn(answer.focus, button?.id, here); return true; }
    if (answer.html) { say(answer.message); alertRow(answer.message); } else refuse(form, answer.message);
  } catch {
    refuse(form, page.dataset.unsent);
  } finally {
    page.removeAttribute('aria-busy');
  }
  return false;
}

// One after the other: two quick clicks are two steps.
const queue = (...what) => { waiting = waiting.then(() => send(...what)); return waiting; };

outline.addEventListener('submit', (event) => {
  const form = event.target;
  const button = event.submitter;
  if ('plain' in form.dataset) return;
  event.preventDefault();
  for (const place of all('[data-error]')) place.textContent = '';
  for (const field of all('[aria-invalid]')) field.removeAttribute('aria-invalid');
  queue(button?.hasAttribute('formaction') ? button.formAction : form.action, new FormData(form), form, button);
});

// Menus close when something else is touched, and by Escape.
document.addEventListener('click', (event) => {
  for (const menu of all('.build-menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});
outline.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest('.build-menu[open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
});

// Dragging. The row itself goes to where it would stand; letting go sends its place, Escape puts it back.
let drag = null;

outline.addEventListener('pointerdown', (event) => {
  const handle = event.target.closest('[data-handle]');
  if (!handle || event.button !== 0) return;
  const row = handle.closest(handle.dataset.handle === 'lesson' ? '[data-lesson]' : OUTER);
  drag = { row, kind: handle.dataset.handle, parent: row.parentElement, next: row.nextElementSibling, y: event.clientY };
  event.preventDefault();
  row.classList.add('is-dragged');
  document.documentElement.classList.add('is-dragging');
});

document.addEventListener('pointermove', (event) => {
  if (!drag) return;
  drag.y = event.clientY;
  place(event.clientX, event.clientY);
  scroll();
});

function place(x, y) {
  const list = drag.kind === 'lesson' ? listAt(x, y) : drag.parent;
  if (!list) return;
  const rows = [...list.children].filter((row) => row !== drag.row && row.matches(`${OUTER}, [data-lesson]`));
  const after = rows.find((row) => {
    const box = row.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
  const before = after ?? null;
  if (drag.row.parentElement !== list || drag.row.nextElementSibling !== before) list.insertBefore(drag.row, before);
}

// The list of the module that the pointer is over, or the nearest one above or below.
function listAt(x, y) {
  const modules = all('[data-module]');
  const over = modules.find((module) => y <= module.getBoundingClientRect().bottom) ?? modules.at(-1);
  return over?.querySelector('[data-lessons]');
}

// Near the edge of the window the page moves along.
let rolling = false;
function scroll() {
  if (rolling || !drag) return;
  const edge = 60;
  const step = drag.y < edge ? -12 : drag.y > innerHeight - edge ? 12 : 0;
  if (!step) return;
  rolling = true;
  requestAnimationFrame(() => { rolling = false; scrollBy(0, step); scroll(); });
}

function drop(keep) {
  if (!drag) return;
  const { row, kind, parent, next } = drag;
  drag = null;
  row.classList.remove('is-dragged');
  document.documentElement.classList.remove('is-dragging');
  const back = () => parent.insertBefore(row, next);
  if (!keep) { back(); return; }
  if (row.parentElement === parent && row.nextElementSibling === next) return;
  const body = new FormData();
  body.append('csrfmiddlewaretoken', outline.querySelector('[name="csrfmiddlewaretoken"]').value);
  let url = outline.querySelector('[data-order-act]').dataset.orderAct;
  if (kind !== 'lesson') {
    for (const one of all(OUTER)) body.append('order', one.dataset.module ?? one.dataset.question);
  } else {
    url = url.replace('order-modules', 'move-lesson');
    body.append('lesson', row.dataset.lesson);
    body.append('to', row.parentElement.dataset.lessons);
    const rows = [...row.parentElement.children].filter((other) => other.matches('[data-lesson]'));
    body.append('position', rows.indexOf(row) + 1);
  }
  queue(url, body, null, null).then((saved) => { if (!saved && row.isConnected) back(); });
}

document.addEventListener('pointerup', () => drop(true));
document.addEventListener('pointercancel', () => drop(false));
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') drop(false); });
