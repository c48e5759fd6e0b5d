// Three comforts; every page works without them.
// 1. What is marked data-refresh is fetched again while somebody looks, and says so when the engine is silent.
// 2. A box marked data-all, hidden until now, ticks all boxes of a name.
// 3. On a narrow screen the menu shows the entry one is on.
"use strict";

const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, summary");
const selecting = (part) => { const chosen = getSelection(); return chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode); };

function say(part, text) {
  let note = part.querySelector(":scope > .stale");
  if (!text) { if (note) note.remove(); return; }
  if (!note) { note = document.createElement("p"); note.className = "stale notice bad"; note.setAttribute("role", "alert"); part.prepend(note); }
  if (note.textContent !== text) note.textContent = text;
}

async function refresh(part) {
  try {
    const answer = await fetch(part.dataset.refresh, { credentials: "same-origin", redirect: "manual" });
    if (answer.type === "opaqueredirect") { location.reload(); return false; }
    if (!answer.ok) throw new Error(answer.status);
    const fresh = await answer.text();
    if (!busy(part) && !selecting(part)) {
      const at = document.activeElement && part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.innerHTML = fresh;
      if (at) { const again = [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === at); if (again) again.focus({ preventScroll: true }); }
    }
    say(part, "");
  } catch (error) {
    say(part, part.dataset.stale);
  }
  return !part.querySelector("[data-over]");
}

for (const part of document.querySelectorAll("[data-refresh]")) {
  const pause = Number(part.dataset.seconds) * 1000;
  const again = async () => {
    if (document.visibilityState === "hidden" || await refresh(part)) setTimeout(again, pause);
  };
  if (!part.querySelector("[data-over]")) setTimeout(again, pause);
}

for (const all of document.querySelectorAll("input[data-all]")) {
  all.parentElement.hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.form.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  });
}

const current = document.querySelector("nav [aria-current]");
if (current) current.parentElement.scrollLeft = current.offsetLeft - current.parentElement.clientWidth / 2 + current.offsetWidth / 2;
