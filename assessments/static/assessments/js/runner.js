// Running a program from the page: asks for a run, looks for its verdict ever less often, shows it in place.
// Without this script the buttons send the form, and a page of its own shows the verdict.
const PAUSES = [120, 150, 200, 250, 300, 400, 600, 1000, 1500, 2000, 3000, 5000]; // milliseconds
const LONGEST = 15 * 60 * 1000;
const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

async function ask(address, options = {}) {
  const headers = { Accept: 'application/json', ...options.headers };
  const answer = await fetch(address, { ...options, headers, credentials: 'same-origin' });
  if (!answer.headers.get('Content-Type')?.startsWith('application/json')) throw new Error(String(answer.status));
  return answer.json();
}

function say(runner, text) {
  runner.querySelector('[data-run-status]').textContent = text;
}

// The verdict takes the place of the one before; focus and scroll stay where they are.
function show(runner, found) {
  runner.querySelector('[data-run-results]').innerHTML = found.html;
  say(runner, found.message);
}

function busy(runner, button, on) {
  runner.setAttribute('aria-busy', on);
  if (on) button.setAttribute('aria-busy', 'true');
  else button.removeAttribute('aria-busy');
}

async function follow(runner, address, mark) {
  const end = performance.now() + LONGEST;
  for (let turn = 0; performance.now() < end; turn += 1) {
    await sleep(PAUSES[Math.min(turn, PAUSES.length - 1)]);
    if (runner.dataset.latest !== mark) return;
    const found = await ask(address).catch(() => null); // offline for a moment: look again
    if (found && runner.dataset.latest === mark && (found.is_over || found.message !== runner.dataset.said)) {
      runner.dataset.said = found.message;
      show(runner, found);
    }
    if (found?.is_over) return;
  }
}

async function start(runner, button) {
  const mark = String(performance.now());
  const question = runner.dataset.runner;
  const body = new FormData();
  body.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
  body.set('kind', button.value);
  body.set('code', runner.querySelector(`[name="answer-${question}"]`).value);
  body.set('own_input', runner.querySelector(`[name="input-${question}"]`)?.value ?? '');
  Object.assign(runner.dataset, { latest: mark, said: '' });
  busy(runner, button, true);
  say(runner, runner.dataset.running);
  try {
    const asked = await ask(runner.dataset.address, { method: 'POST', body });
    show(runner, asked);
    if (asked.address) await follow(runner, asked.address, mark);
  } catch {
    say(runner, runner.dataset.offline);
    const results = runner.querySelector('[data-run-results]');
    results.textContent = runner.dataset.offline;
  } finally {
    busy(runner, button, false);
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-runner] [data-run]');
  if (!button) return;
  event.preventDefault();
  if (button.getAttribute('aria-busy') !== 'true') start(button.closest('[data-runner]'), button);
});

document.addEventListener('editor-run', (event) => {
  event.target.closest('[data-runner]')?.querySelector('[data-run][value="samples"], [data-run]')?.click();
});

// A page that was opened while a run was waiting goes on waiting for it.
for (const runner of document.querySelectorAll('[data-runner]')) {
  const waiting = runner.querySelector('[data-run-waiting]');
  if (waiting) {
    runner.dataset.latest = 'opened';
    follow(runner, waiting.dataset.runWaiting, 'opened');
  }
}
