// The page to try the interface: sends what stands in a form, with the token of the page, and shows the answer.
const token = document.querySelector("[data-token]");

const addressOf = (form) => {
  let address = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-in]")) {
    if (field.dataset.in === "path") address = address.replace(`{${field.name}}`, encodeURIComponent(field.value));
    if (field.dataset.in === "query" && field.value) query.set(field.name, field.value);
  }
  return query.size ? `${address}?${query}` : address;
};

const written = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

for (const form of document.querySelectorAll("[data-try]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = form.querySelector("[data-in=body]")?.value;
    const headers = { "Accept-Language": document.documentElement.lang };
    if (token.value) headers.Authorization = `Bearer ${token.value.trim()}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const shown = form.querySelector("[data-answer]");
    const status = form.querySelector("[data-status]");
    const text = form.querySelector("[data-body]");
    try {
      const answer = await fetch(addressOf(form), {
        method: form.dataset.try.toUpperCase(), headers, body, credentials: "omit",
      });
      status.textContent = `${answer.status} ${answer.statusText}`;
      text.textContent = written(await answer.text());
    } catch (error) {
      status.textContent = String(error);
      text.textContent = "";
    }
    shown.hidden = false;
  });
}
