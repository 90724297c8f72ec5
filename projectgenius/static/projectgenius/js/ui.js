// Dialogs, toasts, copy buttons, tabs, menus, passwords. Everything here is an enhancement: pages work without it.
// Clicks are caught on the document, so that parts which arrive later behave like the rest.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
// Where a button's words stand: in a span, or bare beside an icon.
const label = (button) => button.querySelector('span:not(.sr-only)')
  ?? [...button.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
  ?? button;
const words = () => document.querySelector('.toasts').dataset;

// A toast only repeats what the page already shows: 10 s, but never while hovered or focused. Other scripts ask
// for one with document.dispatchEvent(new CustomEvent('toast', { detail: 'Note saved' })).
function toast(text) {
  const region = document.querySelector('.toasts');
  if (!region) return;
  const box = document.createElement('div');
  box.className = 'toast';
  const message = document.createElement('span');
  message.textContent = text;
  const button = document.createElement('button');
  button.className = 'btn btn--sm';
  button.type = 'button';
  button.textContent = words().close;
  box.append(message, button);
  const close = () => box.remove();
  button.addEventListener('click', close);
  let timer = setTimeout(close, 10000);
  for (const on of ['pointerenter', 'focusin']) box.addEventListener(on, () => clearTimeout(timer));
  for (const off of ['pointerleave', 'focusout']) {
    box.addEventListener(off, () => { clearTimeout(timer); timer = setTimeout(close, 10000); });
  }
  region.append(box);
}

document.addEventListener('toast', (event) => toast(event.detail));

async function copy(button) {
  const source = button.closest('.code, .secret')?.querySelector('pre, code, input');
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    label(button).textContent = words().copied;
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    label(button).textContent = words().copyKeys;
  }
}

function reveal(button) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  const show = input.type === 'password';
  input.type = show ? 'text' : 'password';
  button.setAttribute('aria-pressed', show);
}

function selectTab(tab) {
  for (const other of $$('[role="tab"]', tab.closest('[role="tablist"]'))) {
    const on = other === tab;
    other.setAttribute('aria-selected', on);
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !on;
  }
}

document.addEventListener('click', (event) => {
  for (const menu of $$('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  const target = event.target.closest('[data-open], [data-toast], [data-copy], [data-print], [data-reveal], [role="tab"]');
  if (!target) return;
  if (target.dataset.open) document.getElementById(target.dataset.open)?.showModal();
  if (target.dataset.toast) toast(target.dataset.toast);
  if ('copy' in target.dataset) copy(target);
  if ('print' in target.dataset) print();
  if ('reveal' in target.dataset) reveal(target);
  if (target.role === 'tab') selectTab(target);
});

document.addEventListener('keydown', (event) => {
  const menu = document.querySelector('.menu[open]');
  if (event.key === 'Escape' && menu) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
  }
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const list = event.target.closest?.('[role="tablist"]');
  if (!step || !list) return;
  const tabs = $$('[role="tab"]', list);
  const forward = getComputedStyle(list).direction === 'rtl' ? -step : step;
  const next = tabs[(tabs.indexOf(event.target) + forward + tabs.length) % tabs.length];
  selectTab(next);
  next.focus();
  event.preventDefault();
});

document.addEventListener('focusout', (event) => {
  const menu = event.target.closest('.menu[open]');
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// A button with data-busy says so while its form is under way, and the form goes only once.
document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button?.dataset.busy) return;
  if (button.getAttribute('aria-busy') === 'true') { event.preventDefault(); return; }
  button.dataset.idle = label(button).textContent;
  label(button).textContent = button.dataset.busy;
  button.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => {
  for (const button of $$('[data-idle]')) {
    label(button).textContent = button.dataset.idle;
    button.removeAttribute('aria-busy');
  }
});

for (const button of $$('[data-reveal], [data-needs-script]')) button.hidden = false;
document.querySelector('.error-summary')?.focus();
