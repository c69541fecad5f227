/** The page of a job: shows how far it is without loading the page again, and loads it once the job has ended. */

const SECONDS = 2;
/** A screen reader hears how far the job is at each of these shares, and no more often. */
const STEP = 25;

const shown = document.getElementById("progress");
const announced = document.getElementById("announced");

function share(section) {
  const bar = section.querySelector("progress");
  return bar.hasAttribute("value") ? Math.floor(bar.position * (100 / STEP)) : 0;
}

async function update() {
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  } catch {
    return; // the server is away for a moment
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("progress");
  if (!now || now.querySelector("h2").textContent !== shown.querySelector("h2").textContent) {
    location.reload();
    return;
  }
  const passed = share(now) > share(shown);
  document.title = page.title;
  shown.replaceChildren(...now.childNodes);
  if (passed) announced.textContent = shown.querySelector("#how-far").textContent;
}

async function watch() {
  if (!document.hidden) await update();
  setTimeout(watch, SECONDS * 1000);
}

setTimeout(watch, SECONDS * 1000);
