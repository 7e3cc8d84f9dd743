// A part that folds stays as this browser left it: data-kept names it.
for (const part of document.querySelectorAll("details[data-kept]")) {
  const name = `chuzhi.${part.dataset.kept}`;
  const kept = localStorage.getItem(name);
  if (kept) part.open = kept === "open";
  part.querySelector("summary").addEventListener("click", () => localStorage.setItem(name, part.open ? "shut" : "open"));
}
