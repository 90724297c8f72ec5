// While the judge runs, or the last seconds of an attempt pass: asks ever less often, and shows the page anew then.
const PAUSES = [1, 1, 2, 3, 5, 8, 13, 20, 30]; // seconds
const place = document.querySelector('[data-poll]');
let turn = 0;

async function ask() {
  const answer = await fetch(place.dataset.poll).catch(() => null);
  const state = answer?.ok ? await answer.json() : null;
  if (state && !state.is_running && !state.judging) { location.reload(); return; }
  if (answer?.status === 401 || turn > 60) return;
  setTimeout(ask, PAUSES[Math.min(turn, PAUSES.length - 1)] * 1000);
  turn += 1;
}

if (place) setTimeout(ask, 1000);
