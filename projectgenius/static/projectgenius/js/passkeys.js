// Passkeys: a form with data-passkey asks the device and sends its answer in the field "credential".
// "create" and "get" find what to ask in the page (data-options names the element); "login" fetches it.
async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.action, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function create(form) {
  const { publicKey } = (await optionsOf(form)).creation_options;
  const alone = form.elements.passwordless?.checked ?? false;
  Object.assign(publicKey.authenticatorSelection, {
    residentKey: alone ? 'required' : 'discouraged',
    requireResidentKey: alone,
    ...(alone ? { userVerification: 'required' } : {}),
  });
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
}

async function get(form) {
  const { publicKey } = (await optionsOf(form)).request_options;
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

document.addEventListener('submit', async (event) => {
  const form = event.target.closest('[data-passkey]');
  if (!form || form.elements.credential.value) return;
  event.preventDefault();
  const problem = form.querySelector('[data-passkey-problem]');
  problem.hidden = true;
  try {
    const credential = await (form.dataset.passkey === 'create' ? create(form) : get(form));
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    // Only the device's own "no" is worth another try: it does not say why.
    const refused = ['NotAllowedError', 'InvalidStateError', 'AbortError'].includes(error.name);
    problem.textContent = refused ? problem.dataset.unknown : problem.dataset.unsupported;
    problem.hidden = false;
  }
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('[data-passkey]')) form.elements.credential.value = '';
});
