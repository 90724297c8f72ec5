// Sends each answer as it is given, one after the other, and keeps it on this device until the server has it.
// The other scripts of the attempt talk to this one by events on the document:
//   answer          {question, response, is_flagged, position, version, delay}: save this, after a delay in ms
//   answers-flush   {done}: send what waits now; done(true) when nothing waits any more, done(false) when it failed
//   answers-ready   the page can show restored answers; each comes back as answer-restored
// It says: answer-saved, answer-newer (another device has a newer one), seconds-left, saving-state, attempt-over.
const root = document.querySelector('[data-attempt]');
const { url } = root.dataset;
const status = document.querySelector('[data-saved]');
const KEY = `attempt-${root.dataset.attempt}`;
const PAUSES = [1, 2, 4, 8, 15]; // seconds between two tries
const PATIENCE = 20_000; // milliseconds for one answer of the server
const versions = new Map();
const dialog = (name) => document.getElementById(name);
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

let token = document.querySelector('[name=csrfmiddlewaretoken]').value;
let waiting = restore();
let sending = null;
let stopped = false; // signed out, over, or another tab goes on
let tries = 0;
let timer;
let flushes = [];

function restore() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

function keep() {
  try {
    if (Object.keys(waiting).length) localStorage.setItem(KEY, JSON.stringify(waiting));
    else localStorage.removeItem(KEY);
  } catch { /* no room on this device: the answer still goes to the server */ }
}

function show(state) {
  if (status.dataset.state !== state) {
    const done = root.dataset.answered === '0' ? 'none' : 'done';
    const words = { saving: 'saving', saved: done, offline: 'offline', failed: 'failed' };
    status.querySelector('span').textContent = status.dataset[words[state]];
    status.dataset.state = state;
  }
  tell('saving-state', { state });
}

function settle(ok) {
  for (const done of flushes.splice(0)) done(ok);
}

// What a question has by now: of two answers with the same number the server keeps the first.
function add({ delay = 0, ...packet }) {
  const { question } = packet;
  packet.version = Math.max(versions.get(question) ?? 0, packet.version) + 1;
  versions.set(question, packet.version);
  waiting[question] = packet;
  keep();
  show('saving');
  clearTimeout(timer);
  timer = setTimeout(send, delay);
}

const same = (one, other) => JSON.stringify(Array.isArray(one) ? [...one].sort() : one)
  === JSON.stringify(Array.isArray(other) ? [...other].sort() : other);

function post(packet, options) {
  return fetch(`${url}save/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
    body: JSON.stringify(packet),
    ...options,
  });
}

async function send() {
  if (sending || stopped) return;
  const [packet] = Object.values(waiting);
  if (!packet) { show('saved'); settle(true); return; }
  sending = packet;
  clearTimeout(timer);
  show('saving');
  let goOn = false;
  try {
    const answer = await post(packet, { signal: AbortSignal.timeout(PATIENCE) });
    goOn = await take(packet, answer);
  } catch {
    retry();
  }
  sending = null;
  if (goOn) send();
}

async function take(packet, answer) {
  if (answer.status === 200) { accept(packet, await answer.json()); return true; }
  if (answer.status === 401) { signedOut(); return false; }
  if (answer.status === 403) return renewToken();
  if (answer.status === 404) { over(); return false; }
  if (answer.status === 409 || answer.status === 400) {
    const { code, message } = await answer.json();
    if (code === 'ended') { over(); return false; }
    drop(packet); // can never be saved: say why, and go on with the others
    document.dispatchEvent(new CustomEvent('toast', { detail: message }));
    return true;
  }
  retry();
  return false;
}

function drop(packet) {
  if (waiting[packet.question] === packet) delete waiting[packet.question];
  keep();
}

function accept(packet, saved) {
  const { question } = packet;
  const later = waiting[question];
  tries = 0;
  drop(packet);
  tell('seconds-left', { seconds: saved.seconds_left });
  if (later && later !== packet && later.version <= saved.version) later.version = saved.version + 1;
  versions.set(question, Math.max(versions.get(question) ?? 0, saved.version));
  const isOld = !saved.is_newer && !same(saved.response, packet.response);
  if (isOld && !waiting[question]) tell('answer-newer', { question, mine: packet, theirs: saved });
  else tell('answer-saved', { question, version: saved.version });
}

function retry() {
  show(navigator.onLine ? 'failed' : 'offline');
  settle(false);
  clearTimeout(timer);
  timer = setTimeout(send, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000);
  tries += 1;
}

function over() {
  stopped = true;
  waiting = {};
  keep();
  settle(true);
  tell('attempt-over', {});
}

// --- Signed out, or signed in anew: the page's token is another one then

function signedOut() {
  stopped = true;
  show('failed');
  settle(false);
  if (!dialog('signed-out').open) dialog('signed-out').showModal();
}

async function renewToken() {
  const before = token;
  const state = await ask();
  if (state === 401) signedOut();
  else if (!state?.token || token === before) retry();
  else return true;
  return false;
}

// The state of the attempt, or the status that was answered instead of it.
async function ask() {
  const answer = await fetch(`${url}state/`, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (!answer?.ok) return answer?.status ?? 0;
  const state = await answer.json();
  token = state.token;
  for (const field of document.querySelectorAll('[name=csrfmiddlewaretoken]')) field.value = token;
  tell('seconds-left', { seconds: state.seconds_left });
  if (!state.is_running) over();
  return state;
}

async function comeBack() {
  if (typeof await ask() !== 'object' || !dialog('signed-out').open) return;
  dialog('signed-out').close();
  stopped = false;
  send();
}

document.querySelector('[data-signed-in]').addEventListener('click', comeBack);
dialog('signed-out').addEventListener('cancel', (event) => event.preventDefault());
document.addEventListener('visibilitychange', () => { if (!document.hidden) comeBack(); });
addEventListener('focus', () => { if (dialog('signed-out').open) comeBack(); });

// --- One tab at a time: the one opened last goes on

const me = crypto.randomUUID?.() ?? String(Math.random());
const channel = 'BroadcastChannel' in window ? new BroadcastChannel(KEY) : null;

function claim() {
  channel?.postMessage(me);
  try { localStorage.setItem(`${KEY}-tab`, me); } catch { /* the channel alone */ }
}

function yieldTo(other) {
  if (!other || other === me || stopped) return;
  for (const packet of Object.values(waiting)) post(packet).catch(() => {});
  stopped = true;
  dialog('other-tab').showModal();
}

channel?.addEventListener('message', (event) => yieldTo(event.data));
addEventListener('storage', (event) => { if (event.key === `${KEY}-tab`) yieldTo(event.newValue); });
dialog('other-tab').addEventListener('cancel', (event) => event.preventDefault());
document.querySelector('[data-use-tab]').addEventListener('click', () => { stopped = true; location.reload(); });
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

// --- What the page says

document.addEventListener('answer', (event) => add(event.detail));
document.addEventListener('answers-flush', (event) => {
  flushes.push(event.detail.done);
  if (stopped) settle(false);
  else send();
});
document.addEventListener('answers-ready', () => {
  for (const packet of Object.values(waiting)) tell('answer-restored', packet);
});
addEventListener('online', send);
addEventListener('offline', () => show('offline'));
addEventListener('beforeunload', (event) => {
  if (Object.keys(waiting).length && !stopped) event.preventDefault();
});
addEventListener('pagehide', () => {
  for (const packet of Object.values(waiting)) post(packet, { keepalive: true }).catch(() => {});
});

claim();
for (const packet of Object.values(waiting)) versions.set(packet.question, packet.version);
if (Object.keys(waiting).length) setTimeout(send);
