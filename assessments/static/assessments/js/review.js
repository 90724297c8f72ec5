// Before handing in: asks once more, and sends first what still waits on this device.
const form = document.querySelector('[data-submit]');
const dialog = document.getElementById('submit');
let isSure = false;
let isWaiting = false;

form.addEventListener('submit', (event) => {
  if (isSure) return;
  event.preventDefault();
  dialog.showModal();
}, { capture: true });

dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
dialog.querySelector('[data-confirm]').addEventListener('click', () => {
  document.dispatchEvent(new CustomEvent('answers-flush', {
    detail: {
      done: (ok) => {
        dialog.close();
        isSure = ok;
        if (ok) form.requestSubmit();
      },
    },
  }));
});

// Answers that came here unsent: when the server has them, the lists of this page are old.
document.addEventListener('saving-state', (event) => {
  if (event.detail.state !== 'saved') isWaiting = true;
  else if (isWaiting && !dialog.open && !isSure) location.reload();
});
