// Choosing rows: all of a page at once, and how many are chosen. Without this each row is ticked by itself.
const rows = () => [...document.querySelectorAll("#rows input[name=row]")];
const find = (name) => document.querySelector(`#rows [data-rows-${name}]`);

const tell = () => {
  const page = find("page");
  if (!page) return;
  const chosen = rows().filter((row) => row.checked).length;
  page.hidden = false;
  page.checked = chosen > 0 && chosen === rows().length;
  page.indeterminate = chosen > 0 && !page.checked;
  find("count").textContent = chosen && !find("all").checked ? chosen : "";
};

document.addEventListener("change", (event) => {
  if (event.target === find("page")) for (const row of rows()) row.checked = event.target.checked;
  if (event.target.closest?.("#rows")) tell();
});
document.addEventListener("htmx:after:settle", tell);
window.addEventListener("pageshow", tell);
