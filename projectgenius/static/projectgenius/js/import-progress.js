// Draws how far an import is, and shows its report when it has ended. Without script, the page is looked at again.

const box = document.querySelector("[data-import-state]");
const bar = box?.querySelector("progress");
const count = box?.querySelector("[data-import-count]");
const PAUSE = 1500;
const LONGEST_PAUSE = 15000;

async function look(pause) {
  let next = pause;
  try {
    const answer = await fetch(box.dataset.importState, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    if (state.total) {
      bar.value = state.percent;
      count.textContent = `${state.done} / ${state.total}`;
    }
    if (state.finished) {
      location.reload();
      return;
    }
    next = PAUSE;
  } catch {
    next = Math.min(LONGEST_PAUSE, 2 * pause);
  }
  setTimeout(look, next, next);
}

if (box) {
  setTimeout(look, PAUSE, PAUSE);
}
