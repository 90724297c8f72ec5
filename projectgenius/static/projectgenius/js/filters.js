// The catalogue's filter form goes off as soon as a filter changes; its button serves browsers without script.
// After the page has come back, focus and place on the page are as they were, and the count is read out.
const form = document.querySelector('form[data-filters]');
const KEY = 'filters-place';

// Empty fields stay out of the address, so that it can be read and shared.
form?.addEventListener('formdata', (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

form?.addEventListener('change', (event) => {
  if (event.target.matches('input:not([type="checkbox"], [type="radio"])')) return; // typed words wait for Enter
  sessionStorage.setItem(KEY, JSON.stringify({ id: event.target.id, y: scrollY }));
  form.requestSubmit();
});

const place = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
sessionStorage.removeItem(KEY);
const control = place && form && document.getElementById(place.id);
if (control) {
  control.closest('details')?.setAttribute('open', '');
  control.focus({ preventScroll: true });
  scrollTo({ top: place.y, behavior: 'instant' });
  const status = document.querySelector('main [role="status"]:not(.messages)');
  const words = status?.textContent;
  if (words) {
    status.textContent = '';
    setTimeout(() => { status.textContent = words; }, 150);
  }
}
