// Passkeys. A form with data-passkey="create" or "get" is sent when the browser has made or opened one: its answer goes into
// the field `credential`. The challenge stands in data-options, or is asked for at the address of data-options-from.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const written = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

const asked = async (form) => {
  const { optionsFrom, options } = form.dataset;
  const { publicKey } = optionsFrom ? await (await fetch(optionsFrom)).json() : JSON.parse(options);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.allowCredentials) publicKey.allowCredentials = known(publicKey.allowCredentials);
  if (publicKey.excludeCredentials) publicKey.excludeCredentials = known(publicKey.excludeCredentials);
  return { publicKey };
};

const answered = (credential) => {
  const response = { clientDataJSON: written(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[part]) response[part] = written(credential.response[part]);
  return JSON.stringify({
    id: credential.id,
    rawId: written(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const use = async (form) => {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    form.elements.credential.value = answered(await navigator.credentials[form.dataset.passkey](await asked(form)));
  } catch {
    failed.hidden = false; // refused, cancelled, or none of this device: the same for whoever looks on
    return;
  }
  form.requestSubmit();
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("passkey" in form.dataset) || form.elements.credential.value) return;
  event.preventDefault();
  use(form);
});
