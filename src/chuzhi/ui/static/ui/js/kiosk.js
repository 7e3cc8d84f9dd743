// A kiosk's screen. The bar counts down from the last touch and clears the screen at nothing; keys on the screen type into a field.
const bar = document.querySelector("[data-idle]");
const SOON_SECONDS = 15;
const TOLD_EVERY = 5000;

if (bar) {
  const whole = Number(bar.dataset.idle);
  const end = bar.querySelector("[data-idle-end]");
  const soon = bar.querySelector("[data-idle-soon]");
  const token = end.querySelector("[name=csrfmiddlewaretoken]").value;
  let touched = Date.now();
  let told = touched;
  let ended = false;
  const touch = () => {
    touched = Date.now();
    if (touched - told < TOLD_EVERY) return;
    told = touched;
    fetch(bar.dataset.idleStay, { method: "POST", headers: { "X-CSRFToken": token } });
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch, true);
  setInterval(() => {
    const left = Math.max(0, whole - Math.floor((Date.now() - touched) / 1000));
    const isSoon = left <= SOON_SECONDS;
    bar.querySelector("[data-idle-left]").textContent = left;
    bar.classList.toggle("is-soon", isSoon);
    if (isSoon !== Boolean(soon.textContent)) soon.textContent = isSoon ? soon.dataset.idleSays : "";
    if (left || ended) return;
    ended = true;
    end.requestSubmit();
  }, 250);
}
// What a browser kept of a page that somebody left is asked for again: it is the next one's screen.
addEventListener("pageshow", (event) => event.persisted && location.reload());

document.addEventListener("click", ({ target }) => {
  const key = target.closest?.("[data-key]");
  const field = key && document.getElementById(key.closest("[data-keypad]").dataset.keypad);
  if (!field) return;
  field.value = key.dataset.key === "back" ? field.value.slice(0, -1) : field.value + key.dataset.key;
  field.focus();
});
