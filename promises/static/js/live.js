// Live regions: fetched again every few seconds and swapped in, so that a board shows what others have done.
// They wait while the page is hidden, while a press is on its way, and while a dialog inside one is open.
// A page that hasn't changed answers 304, by the mark that it was given last. When nothing answers any more, or
// the machine knows that it has no connection, what says so ([data-offline]) is shown.
const regions = [...document.querySelectorAll("[data-live]")];
const [live] = regions;
let mark = "";
let missed = 0;
let asking = false;

function answered(well) {
  missed = well ? 0 : missed + 1;
  const lost = missed >= 3 || (missed > 0 && !navigator.onLine);
  for (const sign of document.querySelectorAll("[data-offline]")) sign.hidden = !lost;
}

async function refresh() {
  if (document.hidden || document.querySelector("form[data-sent]") || document.querySelector("[data-live] :popover-open")) return;
  const headers = { "X-Requested-With": "live" };
  if (mark) headers["If-None-Match"] = mark;
  const answer = await fetch(location.href, { headers, redirect: "error" });
  answered(answer.ok || answer.status === 304);
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
  mark = answer.headers.get("ETag") || "";
  if (page.body.dataset.now) document.body.dataset.now = page.body.dataset.now;
  document.dispatchEvent(new Event("rows-changed"));
}

if (live) {
  // Without a connection the page stays as it is and tries again.
  const again = async () => {
    if (asking || !Number(live.dataset.live)) return;
    asking = true;
    await refresh().catch(() => answered(false));
    asking = false;
  };
  setInterval(again, 1000 * Number(live.dataset.live));
  document.addEventListener("visibilitychange", again);
  addEventListener("online", again);
  addEventListener("offline", () => answered(false));
}
