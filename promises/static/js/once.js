// One press, one request: a second submit of the same form is held back while the first is on its way.
// The server refuses a repeated press too; this only spares people the refusal.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const pressed = event.submitter;
  if (pressed) {
    pressed.setAttribute("aria-disabled", "true");
    pressed.setAttribute("aria-busy", "true");
  }
  // A download answers the form without leaving the page, so the form becomes usable again by itself.
  if (form.hasAttribute("data-download")) setTimeout(() => release(form), 3000);
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
}

// Coming back with the browser's own button shows the page as it was left: free it.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

// A form that asks to be sent at once when a choice changes, such as a filter of one field.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-send-on-change")) form.requestSubmit();
});
