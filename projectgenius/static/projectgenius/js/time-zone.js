// Suggests the time zone of the device, when the list holds it and another one is chosen. Nothing is set by itself.
const select = document.querySelector('select[name="time_zone"]');
const suggestion = document.querySelector('[data-time-zone]');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const isListed = select && [...select.options].some((option) => option.value === zone);

function show() {
  suggestion.hidden = select.value === zone;
}

if (suggestion && isListed) {
  suggestion.querySelector('[data-name]').textContent = zone.replaceAll('_', ' ');
  suggestion.querySelector('button').addEventListener('click', () => {
    select.value = zone;
    select.focus();
    show();
  });
  select.addEventListener('change', show);
  show();
}
