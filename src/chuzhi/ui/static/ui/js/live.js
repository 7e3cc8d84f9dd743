// What stands under `data-live` asks for itself again every few seconds: while somebody looks, and until they say stop.
const status = document.querySelector("[data-live]");
const seconds = Number(status?.dataset.live);
const paused = () => status.querySelector("[data-live-pause]").hidden;
const refresh = () => document.querySelector(status.dataset.liveTarget).dispatchEvent(new CustomEvent("chuzhi:refresh"));
const show = (name, isShown) => (status.querySelector(`[data-live-${name}]`).hidden = !isShown);
const pause = (isPaused) => {
  show("pause", !isPaused);
  show("go-on", isPaused);
  status.querySelector(isPaused ? "[data-live-go-on]" : "[data-live-pause]").focus();
};
let last = Date.now();

if (status) {
  setInterval(() => {
    if (document.hidden || paused() || Date.now() - last < seconds * 1000) return;
    last = Date.now();
    refresh();
  }, 1000);
  status.addEventListener("click", (event) => {
    if (event.target.closest("[data-live-pause]")) pause(true);
    if (event.target.closest("[data-live-go-on]")) {
      pause(false);
      refresh();
    }
  });
  document.addEventListener("htmx:error", () => show("lost", true));
  document.addEventListener("htmx:response:error", () => show("lost", true));
  document.addEventListener("htmx:after:swap", () => show("lost", false));
  document.addEventListener("htmx:before:morph:attr", (event) => {
    if (event.detail.attrName === "open") event.preventDefault(); // what somebody has unfolded stays so
  });
}
