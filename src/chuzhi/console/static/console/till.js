// The till by keyboard and scanner. A scan works wherever the cursor is; an answer that is lost is asked for by its key.
const till = document.querySelector("[data-till]");
const find = document.querySelector("[data-find] input:not([type=hidden])");

// A scanner types faster than anybody: a run of digits and Enter within these times is a card, whatever has the focus.
const scannedGapMilliseconds = 100;
// In an empty search field typing and scanning mean the same: a machine that is busy in mid-scan loses no digit of it.
const searchedGapMilliseconds = 1000;
const scannedShortest = 10;
let run = { text: "", at: 0, field: null, before: "" };

const gap = ({ field, before }) => (field && field === find && !before ? searchedGapMilliseconds : scannedGapMilliseconds);
const typedInto = (event) => {
  if (event.target.matches("input, textarea")) return event.target;
  return document.querySelector("[data-ask] [autofocus]") ? null : find;
};

const scanned = (event) => {
  const now = event.timeStamp;
  if (event.key === "Enter") {
    const { text, at, field, before } = run;
    const patience = gap(run);
    run = { text: "", at: 0, field: null, before: "" };
    if (text.length < scannedShortest || now - at > patience) return false;
    if (field && field !== find) field.value = before;
    event.preventDefault();
    event.stopImmediatePropagation();
    const form = document.querySelector("[data-scan]");
    if (!form) location.assign(`${till.dataset.till}?find=${text}`);
    else {
      form.elements.typed.value = text;
      form.requestSubmit();
    }
    return true;
  }
  if (!/^\d$/.test(event.key)) run = { text: "", at: 0, field: null, before: "" };
  else if (run.text && now - run.at <= gap(run)) run = { ...run, text: run.text + event.key, at: now };
  else {
    const field = typedInto(event);
    run = { text: event.key, at: now, field, before: field?.value ?? "" };
  }
  return false;
};

const choices = () => [...document.querySelectorAll("[data-choices] a")];
const step = (event) => {
  const all = choices();
  const at = all.indexOf(document.activeElement);
  if (!all.length || (at < 0 && document.activeElement !== find)) return;
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) find.focus();
  else all[Math.min(next, all.length - 1)].focus();
};

document.addEventListener(
  "keydown",
  (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (till && scanned(event)) return;
    if (event.key === "Enter" && event.repeat) return event.preventDefault();
    if (document.querySelector("dialog[open]")) return;
    if (event.key.length === 1 && document.activeElement === document.body) {
      // What is typed before anything has the focus goes where it is meant: the amount, or else the search.
      (document.querySelector("[data-ask] [autofocus]") ?? find)?.focus();
      return;
    }
    if (event.key === "F1" && find) {
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    const target = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
    if (target) {
      event.preventDefault();
      target.click();
    } else if (event.key === "Escape" && till && !document.querySelector("details[open]")) {
      if (document.activeElement === find && !find.value) return;
      location.assign(till.dataset.till);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
  },
  true,
);

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-fills]");
  if (!offer) return;
  const form = offer.closest("form");
  form.elements[offer.dataset.fills].value = offer.value;
  form.requestSubmit();
});

// What came back to a form that moves money was no answer: say so, keep everything, and ask by the key as soon as somebody answers.
const retryMilliseconds = 1500;
const patienceMilliseconds = 8000;
const asking = new WeakSet();

const ask = async (form) => {
  if (asking.has(form)) return;
  asking.add(form);
  const note = form.querySelector("[data-notes]");
  note.replaceChildren(document.querySelector("template[data-unknown]").content.cloneNode(true));
  form.querySelector("[type=submit]").disabled = true;
  document.dispatchEvent(new CustomEvent("chuzhi:unreachable"));
  const said = new URLSearchParams(new FormData(form));
  said.delete("csrfmiddlewaretoken");
  said.delete("key");
  said.delete("typed"); // a code on a phone pays: it stands in no address
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
    try {
      if ((await fetch("/readyz", { cache: "no-store" })).ok) break;
    } catch {
      continue;
    }
  }
  location.replace(`${form.dataset.happened}?${said}`);
};

const moneyForm = (event) => event.target.closest?.("[data-money]");
document.addEventListener("htmx:before:request", (event) => {
  const form = moneyForm(event);
  if (form) form.dataset.waiting = setTimeout(() => form.isConnected && ask(form), patienceMilliseconds);
});
document.addEventListener("htmx:finally:request", (event) => {
  const form = moneyForm(event);
  if (form) clearTimeout(Number(form.dataset.waiting));
});
document.addEventListener("htmx:error", (event) => moneyForm(event) && ask(moneyForm(event)));
document.addEventListener("htmx:response:error", (event) => {
  const form = moneyForm(event);
  const status = event.detail.ctx?.response?.status ?? event.detail.ctx?.response?.raw?.status;
  if (form && status >= 500) ask(form);
});

// A receipt that came into the page: the next customer may be typed at once, where that raises no keyboard on the screen.
document.addEventListener("htmx:after:settle", () => {
  if (document.querySelector("[data-done]") && matchMedia("(any-pointer: fine)").matches) find.focus();
});

if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print());
