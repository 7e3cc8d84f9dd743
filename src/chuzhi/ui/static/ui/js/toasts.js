// Toasts leave after a while, unless they say something went wrong or somebody is reading them.
const shownMilliseconds = 6000;
const toasts = document.querySelector("[data-toasts]");

const start = (toast) => {
  if (toast.dataset.toast === "stay" || toast.dataset.started) return;
  toast.dataset.started = "yes";
  let timer = setTimeout(() => toast.remove(), shownMilliseconds);
  const wait = () => clearTimeout(timer);
  const goOn = () => (timer = setTimeout(() => toast.remove(), shownMilliseconds));
  toast.addEventListener("pointerenter", wait);
  toast.addEventListener("focusin", wait);
  toast.addEventListener("pointerleave", goOn);
  toast.addEventListener("focusout", goOn);
};

const show = (name) => {
  const template = document.querySelector(`template[data-toast-${name}]`);
  if (toasts && template) toasts.replaceChildren(template.content.cloneNode(true));
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest("[data-toast]").remove();
});

if (toasts) {
  toasts.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver(() => toasts.querySelectorAll("[data-toast]").forEach(start)).observe(toasts, { childList: true });
}

document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail.ctx?.response?.status ?? event.detail.ctx?.response?.raw?.status;
  if (status === 422 || status === 409) return;
  show(status === 401 || status === 403 ? "forbidden" : "failed");
});
