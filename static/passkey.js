// Lets a passkey sign somebody in, be added, or prove who is there. A button says where that begins
// (data-start) and ends (data-finish); it is shown only where the browser can do it.
const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
for (const button of able ? document.querySelectorAll("[data-start]") : []) {
  button.closest("[hidden]").hidden = false;
  button.addEventListener("click", () => press(button));
}

async function press(button) {
  const form = button.form;
  button.disabled = true;
  say(button, "");
  try {
    const { token, options } = await post(button.dataset.start, {});
    const credential = options.user
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const sent = { token, credential: credential.toJSON() };
    for (const name of ["name", "ke", "own_device"]) sent[name] = new FormData(form).get(name) ?? "";
    const { to } = await post(button.dataset.finish, sent);
    if (to) location.assign(to); else form.submit();
  } catch (error) {
    say(button, error.words ?? (error.name === "InvalidStateError"
      ? "Perangkat ini sudah menyimpan passkey untuk akun Anda."
      : "Passkey tidak jadi dipakai. Coba lagi, atau pakai cara lain di halaman ini."));
    button.disabled = false;
  }
}

async function post(address, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.redirected) {
    location.assign(answer.url);
    return new Promise(() => {});
  }
  const json = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  const said = json ? await answer.json() : { words: "Belum berhasil. Muat ulang halaman ini, lalu coba lagi." };
  if (!answer.ok) throw said;
  return said;
}

function say(button, words) {
  button.closest("[data-passkey]").querySelector("[role=alert]").textContent = words;
}
