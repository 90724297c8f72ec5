// The editors of a coding question colour and indent for the language that is chosen above them.
const choice = document.querySelector('select[name="language"]');

function follow() {
  for (const area of document.querySelectorAll('textarea[data-editor]')) {
    area.dataset.language = choice.value;
    area.dispatchEvent(new Event('change')); // drawn anew; does not bubble: nothing was typed
  }
}

if (choice) {
  choice.addEventListener('change', follow);
  window.addEventListener('pageshow', follow); // going back may bring another choice
}
