// A form is sent once: its button is busy until the answer comes. data-focus-now takes the focus when it appears.
const release = (form) => {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
};

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[data-theme-switch], [data-text-switch]")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    if (button?.classList.contains("btn") && !("downloads" in form.dataset)) button.setAttribute("aria-busy", "true");
    setTimeout(() => event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]") && release(form));
  },
  true,
);

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sending]").forEach(release);
});

const focusNow = () => document.querySelector("[data-focus-now]")?.focus();
// A browser gives the focus with its first frame: on a busy machine that is after the first key.
document.querySelector("[autofocus]")?.focus();
focusNow();
document.addEventListener("htmx:after:settle", focusNow);
