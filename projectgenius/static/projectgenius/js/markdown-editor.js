// The Markdown editor of the admin site: buttons and keys, preview, pictures, drafts. The text area works without it.
const KEYS = { b: 'bold', i: 'italic', k: 'link', e: 'code' };
const ALT_KEYS = { KeyH: 'heading', KeyL: 'list', KeyP: 'picture' };
const token = () => document.querySelector('[name=csrfmiddlewaretoken]').value;

// --- Writing: execCommand keeps the browser's own undo

function replace(area, from, to, text, select = [text.length, text.length]) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand('insertText', false, text)) area.setRangeText(text);
  area.setSelectionRange(from + select[0], from + select[1]);
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

function wrap(area, before, after, placeholder) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const inner = value.slice(from, to);
  if (value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after) {
    replace(area, from - before.length, to + after.length, inner, [0, inner.length]);
    return;
  }
  const text = inner || placeholder;
  replace(area, from, to, before + text + after, [before.length, before.length + text.length]);
}

function prefixLines(area, prefix) {
  const start = area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
  const end = area.selectionEnd;
  const lines = area.value.slice(start, end).split('\n');
  const has = lines.every((line) => line.startsWith(prefix));
  const text = lines.map((line) => (has ? line.slice(prefix.length) : prefix + line)).join('\n');
  replace(area, start, end, text);
}

function insertBlock(area, text) {
  const at = area.selectionStart;
  const before = at && area.value[at - 1] !== '\n' ? '\n\n' : '';
  const after = area.value.slice(area.selectionEnd).startsWith('\n\n') ? '' : '\n\n';
  replace(area, at, area.selectionEnd, before + text + after);
}

const acts = {
  bold: (area, words) => wrap(area, '**', '**', words),
  italic: (area, words) => wrap(area, '*', '*', words),
  heading: (area) => prefixLines(area, '## '),
  list: (area) => prefixLines(area, '- '),
  link: (area, words) => {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const text = value.slice(from, to) || words;
    replace(area, from, to, `[${text}](https://)`, [text.length + 3, text.length + 11]);
  },
  code: (area, words) => {
    const inner = area.value.slice(area.selectionStart, area.selectionEnd);
    if (inner.includes('\n')) wrap(area, '```\n', '\n```', words);
    else wrap(area, '`', '`', words);
  },
};

// --- Preview: rendered by the server, in a tree of its own so that the site's style meets nothing of the admin's

async function styleSheets(names) {
  return Promise.all(names.map(async (name) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync((await (await fetch(name)).text()).replaceAll(':root', ':host'));
    return sheet;
  }));
}

function preview(box, area) {
  const pane = box.querySelector('[data-md-preview]');
  const toggle = box.querySelector('[data-md-toggle]');
  const status = box.querySelector('[data-md-status]');
  if (!toggle) return;
  toggle.type = 'button'; // Enter in another field must save, not preview
  let root;
  let timer;
  let latest = 0;

  async function refresh() {
    const turn = ++latest;
    try {
      if (!root) {
        root = pane.attachShadow({ mode: 'open' });
        root.adoptedStyleSheets = await styleSheets(box.querySelector('[data-md-styles]').content.textContent.trim().split(/\s+/));
        root.append(Object.assign(document.createElement('div'), { className: 'prose' }));
      }
      const body = new FormData();
      body.set(area.name, area.value);
      body.set('csrfmiddlewaretoken', token());
      const answer = await fetch(box.dataset.preview, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const html = await answer.text();
      if (turn !== latest) return;
      root.querySelector('.prose').innerHTML = html; // made safe by the server's one way from Markdown
      status.textContent = '';
    } catch {
      status.textContent = box.dataset.failed;
    }
  }

  toggle.addEventListener('click', () => {
    pane.hidden = !pane.hidden;
    toggle.setAttribute('aria-expanded', !pane.hidden);
    box.classList.toggle('md-editor--split', !pane.hidden);
    if (!pane.hidden) refresh();
  });
  area.addEventListener('input', () => {
    clearTimeout(timer);
    if (!pane.hidden) timer = setTimeout(refresh, 500);
  });
}

// --- Draft: kept in this browser until it is saved

function drafts(box, area) {
  const key = `draft:${location.pathname}:${area.name}`;
  const offer = box.querySelector('[data-md-draft]');
  const saved = area.value;
  let timer;
  const read = () => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };
  const forget = () => localStorage.removeItem(key);
  const keep = (sent) => {
    try {
      if (area.value === saved) forget();
      else localStorage.setItem(key, JSON.stringify({ text: area.value, base: box.dataset.loadedAt, at: Date.now(), sent }));
    } catch { /* no room, or storage is off: the page still warns before it is left */ }
  };

  const draft = read();
  const wentThrough = draft?.sent && draft.base !== box.dataset.loadedAt;
  if (!draft || draft.text === saved || wentThrough) {
    forget();
  } else {
    offer.querySelector('[data-md-draft-time]').textContent = new Date(draft.at).toLocaleString(document.documentElement.lang || undefined);
    offer.hidden = false;
  }
  offer.querySelector('[data-md-restore]').addEventListener('click', () => {
    replace(area, 0, area.value.length, draft.text);
    offer.hidden = true;
  });
  offer.querySelector('[data-md-discard]').addEventListener('click', () => {
    forget();
    offer.hidden = true;
    area.focus();
  });
  area.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400, false);
  });
  area.form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (!event.submitter?.hasAttribute('formtarget')) keep(true);
  });
  addEventListener('pagehide', () => { if (!read()?.sent && area.value !== saved && offer.hidden) keep(false); });
}

// --- Pictures: a dialog to add one, with words for those who cannot see it, or to take one that is there

const dialogs = new WeakMap();

function build(box, token, insert) {
  const dialog = box.querySelector('[data-md-dialog]').content.firstElementChild.cloneNode(true);
  // The admin's theme writes the name of a chosen file into a text field near by: here there is none for it.
  dialog.querySelector('[data-md-file]').hasChangeListener = true;
  document.body.append(dialog); // outside of the form, so that nothing in it is sent along
  const part = (name) => dialog.querySelector(`[data-md-${name}]`);
  const list = part('pictures');
  let dropped = null;

  const take = (picture) => {
    dialog.close();
    insert(picture.markdown);
  };

  async function load() {
    list.textContent = '';
    const answer = await fetch(box.dataset.pictures);
    const { pictures } = answer.ok ? await answer.json() : { pictures: [] };
    if (!pictures.length) list.textContent = list.dataset.empty;
    for (const picture of pictures) {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      const image = document.createElement('img');
      Object.assign(image, { src: picture.url, alt: '', loading: 'lazy', width: picture.width, height: picture.height });
      const words = document.createElement('span');
      words.textContent = picture.alt_text || list.dataset.decorative;
      button.append(image, words);
      button.addEventListener('click', () => take(picture));
      item.append(button);
      list.append(item);
    }
  }

  async function upload() {
    const button = part('upload');
    if (button.disabled) return;
    const body = new FormData();
    const file = dropped ?? part('file').files[0];
    if (file) body.set('file', file);
    body.set('alt_text', part('alt').value);
    if (part('decorative').checked) body.set('is_decorative', 'on');
    body.set('csrfmiddlewaretoken', token);
    button.disabled = true;
    try {
      const answer = await fetch(box.dataset.pictures, { method: 'POST', body });
      const data = await answer.json();
      if (answer.ok) take(data);
      else part('error').textContent = Object.values(data.errors).flat().join(' ');
    } catch {
      part('error').textContent = box.dataset.failed;
    } finally {
      button.disabled = false;
    }
  }

  part('upload').addEventListener('click', upload);
  part('close').addEventListener('click', () => dialog.close());
  part('file').addEventListener('change', () => { dropped = null; });
  part('decorative').addEventListener('change', (event) => { part('alt').disabled = event.target.checked; });
  part('alt').addEventListener('keydown', (event) => { if (event.key === 'Enter') upload(); });

  return (file) => {
    dropped = file ?? null;
    part('file').value = '';
    if (file) {
      const chosen = new DataTransfer();
      chosen.items.add(file);
      part('file').files = chosen.files;
      dropped = file;
    }
    part('alt').value = '';
    part('alt').disabled = part('decorative').checked = false;
    part('error').textContent = '';
    dialog.showModal();
    (file ? part('alt') : part('file')).focus();
    load();
  };
}

function openPictures(box, token, file, insert) {
  if (!dialogs.has(box)) dialogs.set(box, build(box, token, insert));
  dialogs.get(box)(file);
}

for (const box of document.querySelectorAll('[data-md-editor]')) {
  const area = box.querySelector('textarea');
  const tools = box.querySelector('[data-md-tools]');
  const picture = (file) => openPictures(box, token(), file, (text) => insertBlock(area, text));
  const act = (name) => {
    if (name === 'picture') picture();
    else acts[name](area, box.dataset.placeholder);
  };
  tools.hidden = false;
  tools.addEventListener('click', (event) => {
    const name = event.target.closest('[data-md]')?.dataset.md;
    if (name) act(name);
  });
  area.addEventListener('keydown', (event) => {
    const name = (event.ctrlKey || event.metaKey) && !event.shiftKey
      ? (event.altKey ? ALT_KEYS[event.code] : KEYS[event.key.toLowerCase()])
      : undefined;
    if (!name || (name === 'picture' && !box.dataset.pictures)) return;
    event.preventDefault();
    act(name);
  });
  if (box.dataset.pictures) {
    const taken = (event, data) => {
      const file = [...(data?.files ?? [])].find((one) => one.type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      picture(file);
    };
    area.addEventListener('paste', (event) => taken(event, event.clipboardData));
    area.addEventListener('dragover', (event) => { if (event.dataTransfer.types.includes('Files')) event.preventDefault(); });
    area.addEventListener('drop', (event) => taken(event, event.dataTransfer));
  }
  preview(box, area);
  drafts(box, area);
}
