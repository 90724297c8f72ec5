// The clock of an attempt: drawn every second from what the server said last, spoken at set moments alone.
// At its end what waits is sent, and the server hands the saved answers in.
const root = document.querySelector('[data-attempt]');
const { url } = root.dataset;
const timer = document.querySelector('[data-timer]');
const toggle = document.querySelector('[data-timer-toggle]');
const announce = document.querySelector('[data-announce]');
const dialog = document.getElementById('time-up');
const MOMENTS = [600, 300, 60]; // seconds left
const KEY = 'timer-hidden';

let end = null;
let last = Infinity;
let next;
let isOver = false;

function start(seconds) {
  end = performance.now() + seconds * 1000;
  last = seconds + 1;
  tick();
}

function clock(left) {
  const two = (number) => String(number).padStart(2, '0');
  const minutes = Math.floor(left / 60) % 60;
  const hours = Math.floor(left / 3600);
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(left % 60)}`;
}

function tick() {
  clearTimeout(next);
  if (isOver) return;
  const left = Math.max(0, Math.round((end - performance.now()) / 1000));
  timer.querySelector('.timer__value').textContent = clock(left);
  timer.dataset.state = left <= 60 ? 'critical' : left <= 300 ? 'low' : 'ok';
  timer.dataset.hidden = left > 60 && toggle.getAttribute('aria-pressed') === 'true';
  const moment = MOMENTS.find((at) => left <= at && at < last);
  if (moment !== undefined) announce.textContent = timer.dataset[`at-${moment}`];
  last = left;
  if (left > 0) next = setTimeout(tick, 1000 - (performance.now() % 1000));
  else timeUp();
}

const flush = () => new Promise((done) => {
  document.dispatchEvent(new CustomEvent('answers-flush', { detail: { done } }));
});

async function state() {
  const answer = await fetch(`${url}state/`).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

// Somebody may have given more time meanwhile: the server is asked before anything is handed in.
async function timeUp() {
  const now = await state();
  if (now?.is_running && now.seconds_left > 0) { start(now.seconds_left); return; }
  if (isOver) return;
  isOver = true;
  const text = document.querySelector('[data-time-up]');
  text.textContent = text.dataset.waiting;
  if (!dialog.open) dialog.showModal();
  await flush();
  const saved = Number(root.dataset.answered);
  if (!saved) { text.textContent = text.dataset.none; return; }
  text.textContent = await submit(text.dataset, saved);
}

async function submit(words, saved) {
  const body = new FormData();
  body.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
  const options = { method: 'POST', headers: { Accept: 'application/json' }, body };
  const answer = await fetch(`${url}submit/`, options).catch(() => null);
  if (!answer?.ok) return words.offline;
  const { at } = await answer.json();
  return (saved === 1 ? words.doneOne : words.done).replace('{n}', saved).replace('{t}', at);
}

document.addEventListener('attempt-over', () => {
  if (isOver) return;
  isOver = true;
  location.assign(`${url}result/`);
});
dialog.addEventListener('cancel', (event) => event.preventDefault());

if (timer) {
  const hide = (isHidden) => {
    toggle.setAttribute('aria-pressed', isHidden);
    timer.dataset.hidden = isHidden;
  };
  try { hide(localStorage.getItem(KEY) === 'yes'); } catch { hide(false); }
  toggle.addEventListener('click', () => {
    const isHidden = toggle.getAttribute('aria-pressed') !== 'true';
    hide(isHidden);
    try { localStorage.setItem(KEY, isHidden ? 'yes' : 'no'); } catch { /* for this page alone */ }
    tick();
  });
  document.addEventListener('seconds-left', (event) => {
    if (event.detail.seconds === null || isOver) return;
    end = performance.now() + event.detail.seconds * 1000;
    tick();
  });
  start(Number(timer.dataset.seconds));
}
