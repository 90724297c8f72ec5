// A reference solution is run on all tests before it is saved. The judge works elsewhere: this asks it, and waits.
// Without this script the solution is saved, and checked behind it.

const PARTS = ['language', 'solution', 'checker', 'tolerance', 'time_limit_seconds', 'memory_limit_mb'];
const PATIENCE = 60_000; // milliseconds
const pause = (time) => new Promise((done) => { setTimeout(done, time); });

function begin(box, form) {
  const part = (name) => box.querySelector(`[data-solution-${name}]`);
  const [state, tests, check, anyway] = ['state', 'tests', 'check', 'anyway'].map(part);
  const solution = form.elements.solution;
  const checked = form.elements.is_checked;
  let pressed = null; // the button that wanted to save
  let latest = 0;

  // All that decides whether the solution passes.
  const typed = () => JSON.stringify([...new FormData(form)]
    .filter(([name]) => PARTS.includes(name) || /^tests-\d+-(input|output|place|remove)$/.test(name)));
  let passed = state.classList.contains('solution-state--ok') ? typed() : null;

  function texts(...all) {
    return all.filter((text) => text.trim()).map((text) => {
      const pre = document.createElement('pre');
      pre.textContent = text;
      return pre;
    });
  }

  function show(message, { ok = false, compile = '', failed = [] } = {}) {
    state.textContent = message;
    state.classList.toggle('solution-state--ok', ok);
    tests.replaceChildren(...failed.map((test) => {
      const item = document.createElement('li');
      const words = document.createElement('span');
      words.textContent = box.dataset.test.replace('{number}', test.number).replace('{words}', test.words);
      item.append(words, ...texts(test.output, test.errors));
      return item;
    }));
    if (compile) {
      const item = document.createElement('li');
      item.append(...texts(compile));
      tests.append(item);
    }
  }

  async function answer(url, options = {}) {
    const response = await fetch(url, { ...options, headers: { 'X-Requested-With': 'fetch' } });
    if (!response.ok || response.redirected) throw new Error(response.status);
    return response.json();
  }

  // True when all tests passed. What a later question overtakes says nothing.
  async function ask() {
    latest += 1;
    const turn = latest;
    const asked = typed();
    anyway.hidden = true;
    check.setAttribute('aria-busy', 'true');
    show(box.dataset.asking);
    try {
      const body = new FormData(form);
      let found = await answer(box.dataset.check + location.search, { method: 'POST', body });
      const end = Date.now() + PATIENCE;
      for (let wait = 300; !found.is_over && turn === latest; wait = Math.min(wait * 1.5, 2_000)) {
        if (Date.now() > end) { show(box.dataset.slow); return false; }
        await pause(wait);
        found = await answer(found.address);
        if (turn === latest && !found.is_over) show(found.message);
      }
      if (turn !== latest) return false;
      const failed = found.tests.filter((test) => !test.passed);
      const compile = found.passed ? '' : found.compile.trim(); // one reason for all tests
      show(found.message, { ok: found.passed, compile, failed: compile ? [] : failed });
      if (found.passed) passed = asked;
      return found.passed;
    } catch {
      if (turn === latest) show(box.dataset.lost);
      return false;
    } finally {
      if (turn === latest) check.removeAttribute('aria-busy');
    }
  }

  const send = () => { if (pressed?.isConnected) form.requestSubmit(pressed); else form.requestSubmit(); };

  check.hidden = false;
  check.addEventListener('click', ask);
  anyway.addEventListener('click', () => {
    checked.value = '1';
    send();
  });
  form.addEventListener('input', (event) => {
    if (event.target !== checked) checked.value = '';
  });
  form.addEventListener('submit', async (event) => {
    if (event.submitter?.hasAttribute('formtarget') || event.defaultPrevented) return;
    if (!solution.value.trim() || checked.value || typed() === passed) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // nobody else takes this for a page that is being left
    pressed = event.submitter;
    state.scrollIntoView({ block: 'center' });
    if (await ask()) { send(); return; }
    anyway.hidden = false;
    anyway.focus();
  }, { capture: true });
}

const box = document.querySelector('[data-solution]');
const form = box?.closest('form');
if (form) begin(box, form);
