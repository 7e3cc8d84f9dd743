// A basket without a network: what is done to it is kept at this till until the server answers, and sent once, by its key.
const retryMilliseconds = 1500;
const basket = () => document.querySelector("[data-basket]");
const place = () => `chuzhi.basket.${basket().dataset.basket}`;
const kept = () => JSON.parse(localStorage.getItem(place()) ?? "[]");
const keep = (all) => (all.length ? localStorage.setItem(place(), JSON.stringify(all)) : localStorage.removeItem(place()));
const keptForm = (event) => event.target.closest?.("[data-kept]");
let isSending = false;

const say = () => {
  const note = document.querySelector("[data-keeping]").content.cloneNode(true);
  note.querySelector("[data-kept-count]").textContent = kept().length;
  basket().querySelector("[data-notes]").replaceChildren(note);
};

const put = (form) => {
  const body = new URLSearchParams(new FormData(form));
  keep([...kept(), { action: form.action, body: `${body}` }]);
  form.elements.key.value = crypto.randomUUID();
  if (form.matches("[data-scan]")) form.elements.typed.value = "";
  say();
  document.dispatchEvent(new CustomEvent("chuzhi:unreachable"));
  void send();
};

const send = async () => {
  if (isSending || !kept().length) return;
  isSending = true;
  while (kept().length) {
    const [first, ...rest] = kept();
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = await fetch(first.action, { method: "POST", body: first.body, headers, redirect: "manual", cache: "no-store" });
      if (answer.status < 500) {
        keep(rest);
        continue;
      }
    } catch {
      // Still nobody there: asked again below.
    }
    await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
  }
  location.reload();
};

document.addEventListener("htmx:error", (event) => keptForm(event) && put(keptForm(event)));
document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail.ctx?.response?.status ?? event.detail.ctx?.response?.raw?.status;
  if (keptForm(event) && status >= 500) put(keptForm(event));
});
if (basket()) void send();
