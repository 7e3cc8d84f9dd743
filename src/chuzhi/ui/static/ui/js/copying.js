// A button with `data-copies="id"` puts what stands in that field on the clipboard, and says so with the words of `data-copied`.
// Without https a browser gives no clipboard to scripts; there the selection is copied as people do it.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  const field = button && document.getElementById(button.dataset.copies);
  if (!field) return;
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  button.textContent = button.dataset.copied;
});
