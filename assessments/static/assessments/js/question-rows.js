// Rows of a question's form: options, tests. Adds, moves and removes them; without it there are spare rows and numbers.

function begin(box) {
  const list = box.querySelector('[data-rows-list]');
  const total = box.querySelector('[data-rows-total]');
  const status = box.querySelector('[data-rows-status]');
  const add = box.querySelector('[data-rows-add]');
  const empty = box.querySelector('[data-rows-empty]').innerHTML;
  const { most, fewest } = box.dataset;
  const rows = () => [...list.querySelectorAll('[data-row]')];
  let next = Number(total.value);

  // Each row says its place, to the eye, to the ear and to the server; the names of its fields stay.
  function count() {
    rows().forEach((row, index) => {
      for (const place of row.querySelectorAll('[data-row-place]')) place.textContent = index + 1;
      row.querySelector('[data-row-place-field]').value = index + 1;
    });
    total.value = next;
    add.disabled = rows().length >= most;
  }

  function show(row) {
    row.querySelector('[data-row-tools]').hidden = false;
    row.querySelector('[data-rows-plain]').hidden = true;
  }

  function say(words) {
    status.textContent = '';
    requestAnimationFrame(() => { status.textContent = words; });
  }

  const changed = () => box.dispatchEvent(new Event('input', { bubbles: true }));

  function append() {
    list.insertAdjacentHTML('beforeend', empty.replaceAll('NUMBER', next));
    next += 1;
    const row = list.lastElementChild;
    show(row);
    count();
    row.querySelector('[data-row-first]').focus();
    changed();
  }

  function move(row, button) {
    const up = button.hasAttribute('data-row-up');
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    count();
    button.focus();
    say(status.dataset.moved.replace('{place}', rows().indexOf(row) + 1));
    changed();
  }

  function remove(row) {
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    count();
    say(status.dataset.removed);
    (near?.querySelector('[data-row-first]') ?? add).focus();
    changed();
  }

  const isBlank = (row) => !row.querySelector('[data-row-kept]').value
    && !row.querySelector('input[type="checkbox"]:checked') // a message may speak of it
    && [...row.querySelectorAll('textarea')].every((area) => !area.value);

  // Spare rows are for those without this script; a new question begins with a few.
  const spare = rows().filter(isBlank);
  for (const row of spare.length < rows().length ? spare : spare.slice(fewest)) row.remove();
  for (const part of box.querySelectorAll('[data-rows-plain]')) part.hidden = true;
  for (const row of rows()) show(row);
  add.hidden = false;
  count();

  add.addEventListener('click', append);
  list.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    const row = button?.closest('[data-row]');
    if (!row) return;
    if (button.hasAttribute('data-row-remove')) remove(row); else move(row, button);
  });
}

for (const box of document.querySelectorAll('[data-rows]')) begin(box);
