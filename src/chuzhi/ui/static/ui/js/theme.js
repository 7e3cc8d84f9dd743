// Colours change at once and are remembered by cookie; without this module the form does the same by reloading.
const year = 365 * 24 * 60 * 60;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-switch]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (chosen === "system") {
    delete document.documentElement.dataset.theme;
    document.cookie = `theme=; path=/; max-age=0; samesite=lax${secure}`;
  } else {
    document.documentElement.dataset.theme = `chuzhi-${chosen}`;
    document.cookie = `theme=${chosen}; path=/; max-age=${year}; samesite=lax${secure}`;
  }
  for (const button of document.querySelectorAll("[data-theme-switch] [name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
});
