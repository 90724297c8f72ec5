// The player: reads and shows answers, moves between questions without the network, keeps the grid up to date.
// Without it the page is a form whose buttons save and lead on.
const root = document.querySelector('[data-attempt]');
const form = document.querySelector('[data-quiz]');
const holder = document.querySelector('[data-questions]');
const grid = document.querySelector('[data-grid]');
const side = document.getElementById('quiz-side');
const announce = document.querySelector('[data-announce]');
const { url } = root.dataset;
const total = Number(root.dataset.total);
const isPaged = 'paged' in root.dataset;
const TYPING = 800; // milliseconds of quiet before a text is sent
const PLACE = 'section[data-number]'; // a question with all that belongs to it
const blocks = new Map(); // by number; those of other pages wait outside of the document
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const fields = (block) => [...block.querySelectorAll('[name^="answer-"]')];
const find = (question) => [...blocks.values()].find((block) => block.dataset.question === String(question));
let current;

// --- Answers

function read(block) {
  const { kind } = block.dataset;
  const all = fields(block);
  const [field] = all;
  if (kind === 'essay') return field.value || null;
  if (kind === 'coding') return 'touched' in block.dataset ? { code: field.value } : null;
  const chosen = all.filter((one) => one.checked).map((one) => one.value);
  if (kind === 'true_false') return chosen.length ? chosen[0] === 'true' : null;
  return chosen.length ? chosen : null;
}

function write(block, response) {
  const values = (Array.isArray(response) ? response : [response]).map(String);
  for (const field of fields(block)) {
    if (['radio', 'checkbox'].includes(field.type)) field.checked = values.includes(field.value);
    else field.value = response?.code ?? (typeof response === 'string' ? response : '');
  }
  if (response?.code) block.dataset.touched = '';
  countWords(block);
  mark(block);
}

const isAnswered = (block) => {
  const answer = read(block);
  return Boolean(answer !== null && (answer.code ?? String(answer)).trim());
};

function save(block, delay = 0) {
  mark(block);
  tell('answer', {
    question: Number(block.dataset.question),
    response: read(block),
    is_flagged: block.querySelector('[data-flag]').checked,
    position: Number(block.dataset.number),
    version: Number(block.dataset.version),
    delay,
  });
}

// What somebody chose or wrote while this script was still on its way.
function saveEarly(block) {
  const isText = (field) => field.type === 'textarea';
  const isEarly = (field) => (isText(field) ? field.value !== field.defaultValue : field.checked !== field.defaultChecked);
  const early = [...fields(block), block.querySelector('[data-flag]')].filter(isEarly);
  if (early.some(isText)) block.dataset.touched = '';
  if (early.length) save(block);
}

holder.addEventListener('change', ({ target }) => {
  const block = target.closest(PLACE);
  if ('flag' in target.dataset) {
    announce.textContent = target.checked ? root.dataset.flagged : root.dataset.unflagged;
    save(block);
  } else if (['radio', 'checkbox'].includes(target.type)) {
    target.focus();
    save(block);
  }
});
holder.addEventListener('input', ({ target }) => {
  if (!target.name?.startsWith('answer-') || target.type !== 'textarea') return;
  const block = target.closest(PLACE);
  block.dataset.touched = '';
  countWords(block);
  save(block, TYPING);
});

function countWords(block) {
  const place = block.querySelector('[data-words]');
  if (!place) return;
  const count = fields(block)[0].value.split(/\s+/).filter(Boolean).length;
  place.textContent = place.dataset.words.split('|')[Math.min(count, 2)].replace('{n}', count);
  place.hidden = false;
}

// --- The grid

function mark(block) {
  const { number } = block.dataset;
  const item = grid.querySelector(`[data-number="${number}"]`);
  const words = grid.dataset;
  const answered = isAnswered(block);
  const flagged = block.querySelector('[data-flag]').checked;
  item.dataset.state = answered ? 'answered' : 'empty';
  item.toggleAttribute('data-flagged', flagged);
  const [name] = item.ariaLabel.split(',');
  item.ariaLabel = [name, answered ? words.wordsAnswered : words.wordsEmpty, ...(flagged ? [words.wordsFlagged] : [])].join(', ');
  const clear = block.querySelector('[data-clear]');
  if (clear) clear.hidden = !answered;
  const count = grid.querySelectorAll('[data-state="answered"]').length;
  root.dataset.answered = count;
  const sum = document.querySelector('[data-sum]');
  sum.textContent = sum.dataset.sum.replace('{n}', count).replace('{m}', total);
}

// --- Moving between questions

function register(block) {
  blocks.set(Number(block.dataset.number), block);
  countWords(block);
}

// The single keys work on the question one is at.
function takeKeys(block) {
  if (current === block) return;
  for (const old of current ? fields(current) : []) delete old.dataset.key;
  if (current) delete current.querySelector('[data-flag]').dataset.key;
  current = block;
  for (const [place, field] of fields(block).entries()) {
    if (field.type !== 'textarea' && place < 8) field.dataset.key = `option-${'abcdefgh'[place]}`;
  }
  block.querySelector('[data-flag]').dataset.key = 'flag';
}

function go(number, { push = true } = {}) {
  const block = blocks.get(number);
  if (!block) return false;
  holder.replaceChildren(block);
  takeKeys(block);
  for (const button of form.querySelectorAll('[data-step]')) {
    const there = number + Number(button.dataset.step);
    button.hidden = there < 1 || there > total;
    button.value = button.hidden ? '' : there;
  }
  form.querySelector('[data-review]').hidden = number < total;
  for (const item of grid.querySelectorAll('[data-number]')) {
    if (Number(item.dataset.number) === number) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  const { title } = block.dataset;
  form.querySelector('[data-place]').textContent = title.replace(/^\D+/, '');
  document.title = document.title.replace(/^[^,]+/, title);
  form.action = `${url}?question=${number}`;
  if (push) history.pushState(number, '', form.action);
  if (side.matches(':popover-open')) side.hidePopover();
  scrollTo(0, 0);
  block.querySelector('h1').focus();
  return true;
}

async function fetchOthers() {
  const place = new URL(location).searchParams.get('question') ?? form.action.split('=')[1];
  const answer = await fetch(`${url}questions/?question=${place}`).catch(() => null);
  if (!answer?.ok) { addEventListener('online', fetchOthers, { once: true }); return; }
  const template = document.createElement('template');
  template.innerHTML = await answer.text();
  for (const block of template.content.querySelectorAll(PLACE)) {
    if (!blocks.has(Number(block.dataset.number))) register(document.adoptNode(block));
  }
  tell('answers-ready', {});
}

function leave(address) {
  tell('answers-flush', { done: (ok) => { if (ok) location.assign(address); else warn(true); } });
}

form.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!button || button.name === 'kind') return; // a program's run goes its own way
  event.preventDefault();
  if (button.name === 'clear') {
    const block = find(button.value);
    write(block, null);
    save(block);
    fields(block)[0].focus();
  } else if (button.value === 'review') leave(`${url}review/`);
  else if (button.value && !go(Number(button.value))) leave(`${url}?question=${button.value}`);
  else if (!button.value) tell('answers-flush', { done: () => {} });
});
addEventListener('popstate', () => {
  const number = Number(new URL(location).searchParams.get('question'));
  if (isPaged && number && !go(number, { push: false })) location.reload();
});
holder.addEventListener('focusin', ({ target }) => {
  const block = target.closest(PLACE);
  if (block) takeKeys(block);
});

// --- The network is away; a newer answer from elsewhere

function warn(isOffline) {
  const old = document.querySelector('[data-offline-notice]');
  if (!isOffline) old?.remove();
  if (!isOffline || old) return;
  const notice = document.createElement('div');
  notice.className = 'notice notice--warn';
  notice.dataset.offlineNotice = '';
  notice.setAttribute('role', 'status');
  notice.textContent = root.dataset.offline;
  holder.before(notice);
}

document.addEventListener('saving-state', ({ detail }) => {
  if (detail.state !== 'saving') warn(detail.state === 'offline');
});
document.addEventListener('answer-saved', ({ detail }) => {
  const block = find(detail.question);
  if (!block) return;
  block.dataset.version = detail.version;
  block.querySelector('[name^="version-"]').value = detail.version;
});
document.addEventListener('answer-restored', ({ detail }) => {
  const block = find(detail.question);
  if (!block) return;
  block.querySelector('[data-flag]').checked = Boolean(detail.is_flagged);
  write(block, detail.response);
});

function inWords(block, response) {
  const chosen = [response].flat().map((value) => fields(block).find((field) => field.value === String(value)));
  if (chosen[0]?.type === 'radio' || chosen[0]?.type === 'checkbox') {
    return chosen.map((field) => field?.closest('.option').innerText.trim()).join('\n');
  }
  return response?.code ?? response ?? '–';
}

document.addEventListener('answer-newer', ({ detail: { question, mine, theirs } }) => {
  const block = find(question);
  const dialog = document.getElementById('newer-answer');
  if (!block || dialog.open) return;
  const title = dialog.querySelector('[data-newer-title]');
  title.textContent = title.dataset.newerTitle.replace('{n}', block.dataset.number);
  dialog.querySelector('[data-mine]').textContent = inWords(block, mine.response);
  dialog.querySelector('[data-theirs]').textContent = inWords(block, theirs.response);
  block.dataset.version = theirs.version;
  for (const button of dialog.querySelectorAll('[data-keep]')) {
    button.onclick = () => {
      dialog.close();
      write(block, button.dataset.keep === 'mine' ? mine.response : theirs.response);
      if (button.dataset.keep === 'mine') save(block);
    };
  }
  dialog.showModal();
});

for (const block of holder.querySelectorAll(PLACE)) register(block);
takeKeys(holder.querySelector(PLACE));
mark(current);
for (const block of blocks.values()) saveEarly(block);
tell('answers-ready', {});
if (isPaged && total > 1) fetchOthers();
