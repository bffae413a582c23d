// Live regions: fetched again every few seconds and swapped in, so that a board shows what others have done.
// They wait while the page is hidden, while a press is on its way, and while a dialog inside one is open.
const regions = [...document.querySelectorAll("[data-live]")];
const [live] = regions;

async function refresh() {
  if (document.hidden || document.querySelector("form[data-sent]") || document.querySelector("[data-live] :popover-open")) return;
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "live" }, redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = [...page.querySelectorAll("[data-live]")];
  if (fresh.length !== regions.length || document.querySelector("form[data-sent]")) return;
  const held = document.activeElement?.closest("[data-live]") ? document.activeElement.dataset.key : undefined;
  regions.forEach((region, i) => {
    region.dataset.live = fresh[i].dataset.live; // 0: there is nothing more to wait for
    if (region.innerHTML !== fresh[i].innerHTML) region.replaceChildren(...fresh[i].childNodes);
  });
  if (held) document.querySelector(`[data-live] [data-key="${CSS.escape(held)}"]`)?.focus();
  document.dispatchEvent(new Event("rows-changed"));
}

if (live) {
  const again = () => Number(live.dataset.live) && refresh().catch(() => {}); // without a connection the page stays as it is and tries again
  setInterval(again, 1000 * Number(live.dataset.live));
  document.addEventListener("visibilitychange", again);
}
