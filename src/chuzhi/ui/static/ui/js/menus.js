// A menu closes when something else is chosen, and with Escape; arrows walk through it.
const menus = () => document.querySelectorAll("details[data-menu][open]");

// A table cuts off what hangs out of it, so its menus are placed on the window, below the button or above it.
const place = (menu) => {
  const list = menu.querySelector(".menu-list");
  const button = menu.querySelector("summary").getBoundingClientRect();
  const gap = 4;
  const fitsBelow = button.bottom + gap + list.offsetHeight < window.innerHeight;
  Object.assign(list.style, {
    position: "fixed",
    inset: "auto",
    top: `${fitsBelow ? button.bottom + gap : button.top - gap - list.offsetHeight}px`,
    right: `${document.documentElement.clientWidth - button.right}px`,
  });
};

document.addEventListener(
  "toggle",
  (event) => event.target.matches?.(".table-frame details[data-menu][open]") && place(event.target),
  true,
);
document.addEventListener("scroll", () => document.querySelectorAll(".table-frame details[data-menu][open]").forEach(place), true);

document.addEventListener("click", (event) => {
  for (const menu of menus()) {
    const inside = menu.contains(event.target);
    if (!inside || event.target.closest(".menu-item")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const [menu] = menus();
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...menu.querySelectorAll(".menu-item")];
  if (!items.length) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
});
