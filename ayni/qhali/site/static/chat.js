// The conversation without reloading the page. Each answer is kept on the phone first, then sent with its
// place; the server takes one answer for one place, so sending again after a lost reply does no harm. The
// page that comes back says what was taken. Without this file the forms work as forms.
import { add, bubble, erase, joined, read, untaken } from "./waiting.js";

const ANSWER_MS = 20_000;
const RETRY_MS = 3_000;
const RETRY_MS_MAX = 60_000;
const NO_SIGNAL = "Sin señal. Lo que escribe queda en este teléfono y saldrá solo cuando vuelva la señal.";
const UNSENT = "Esto lo escribió antes de ver esta pregunta. Decida si lo envía.";

const chat = document.getElementById("chat");
const log = chat.querySelector(".chat");
const network = document.getElementById("network");
const part = (id) => document.getElementById(id);

const place = () => ({
  conversation: chat.dataset.conversation,
  number: Number(chat.dataset.number),
  question: part("question")?.innerText ?? "",
});

const remember = () => sessionStorage.setItem("qhali.place", JSON.stringify(place()));

const showWaiting = (note) => {
  log.querySelectorAll(".waiting").forEach((each) => each.remove());
  for (const text of read()?.texts ?? []) log.append(bubble(text, note));
  (network.textContent ? network : log.lastElementChild).scrollIntoView({ block: "center" });
};

// The page that answers a form, also where a redirect led; throws when nobody answered.
const post = async (waiting) => {
  const form = part("turn-form");
  const body = new URLSearchParams({
    csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    conversation: waiting.conversation,
    number: waiting.number,
    text: joined(waiting.texts),
  });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ANSWER_MS);
  const answer = await fetch(form.action, { method: "POST", body, signal: limit.signal });
  clearTimeout(timer);
  if (answer.status >= 500) throw new Error("the server is not there");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { page, address: answer.url, status: answer.status };
};

// To what comes next: an alarm that is new, else the choices or the box.
const focusNext = (rest, alarm) => {
  const choices = rest ? null : (part("list-form") ?? part("quick-form"));
  const next = alarm ?? choices ?? part("text") ?? part("answer").querySelector("a");
  next.focus({ preventScroll: true });
  (alarm ?? log.lastElementChild.previousElementSibling).scrollIntoView({ block: "start" });
};

const keepUnsent = (rest) => {
  const box = part("text");
  if (!rest || !box) return;
  box.value = rest;
  const note = box.form.parentElement.querySelector(".mistake") ?? document.createElement("p");
  note.className = "mistake";
  note.setAttribute("role", "alert");
  note.textContent = UNSENT;
  box.form.before(note);
};

// Brings this page up to the one that came back: new bubbles are added, so a screen reader reads only those.
const show = (page) => {
  const fresh = page.getElementById("chat");
  log.querySelectorAll(".waiting").forEach((each) => each.remove());
  log.querySelectorAll(".now").forEach((each) => each.classList.remove("now"));
  part("question")?.removeAttribute("id");
  for (const item of fresh.querySelectorAll(".chat > li")) {
    if (!part(item.id)) log.append(item);
    else if (item.classList.contains("now")) part(item.id).replaceWith(item);
  }
  page.querySelector("[autofocus]")?.removeAttribute("autofocus"); // the focus goes where focusNext says
  part("answer").replaceChildren(...page.getElementById("answer").childNodes);
  chat.dataset.number = fresh.dataset.number;
  chat.dispatchEvent(new CustomEvent("qhali:shown", { bubbles: true }));
};

// What to do at once, when it is not what the page says already; the new alarm or nothing.
const warn = (page) => {
  const [shown, fresh] = [part("urgent"), page.getElementById("urgent")];
  if (shown.dataset.told === fresh.dataset.told) return null;
  shown.dataset.told = fresh.dataset.told;
  shown.replaceChildren(...fresh.childNodes);
  return shown.firstElementChild;
};

// Another page answered: the conversation is over, or the form was refused. A token that has passed (403) is
// the only refusal after which the same answer may still be sent.
const leave = ({ page, address, status }) => {
  if (status !== 403) erase();
  if (new URL(address).pathname !== location.pathname) location.assign(address);
  else document.querySelector("main").replaceWith(page.querySelector("main"));
};

const settle = (answer, waiting) => {
  const { page } = answer;
  if (!page.getElementById("chat")) return leave(answer);
  const taken = page.querySelector(`#said-${waiting.number} .words`)?.textContent ?? "";
  const rest = joined(untaken(waiting.texts, taken));
  erase();
  network.textContent = "";
  const alarm = warn(page);
  show(page);
  keepUnsent(rest);
  remember();
  focusNext(rest, alarm);
};

let timer;
let pause = RETRY_MS;

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(deliver, pause);
  pause = Math.min(pause * 2, RETRY_MS_MAX);
};

const attempt = async () => {
  const waiting = read();
  if (!waiting || !part("turn-form")) return;
  if (waiting.conversation !== chat.dataset.conversation) return erase();
  try {
    const answer = await post(waiting);
    pause = RETRY_MS;
    settle(answer, waiting);
  } catch {
    network.textContent = NO_SIGNAL;
    showWaiting("Esperando señal");
    later();
  }
};

// One tab at a time; the others find nothing left to send.
const deliver = () => (navigator.locks ? navigator.locks.request("qhali.deliver", attempt) : attempt());

// The answer to a list as somebody would write it: "1. Sí" and below it "2. No".
const inWords = (form) =>
  [...new FormData(form)]
    .filter(([name, value]) => name.startsWith("part-") && value.trim())
    .map(([name, value]) => `${name.replace("part-", "")}. ${value.trim()}`)
    .join("\n");

const submit = (event) => {
  const form = event.target;
  if (!["turn-form", "quick-form", "list-form"].includes(form.id)) return;
  const box = part("text");
  const text = event.submitter?.value || inWords(form) || (form.contains(box) ? box.value.trim() : "");
  if (!text) return event.preventDefault();
  try {
    add(place(), text);
  } catch {
    return;
  }
  event.preventDefault();
  box.value = "";
  showWaiting("Enviando…");
  deliver();
};

const worker = () => navigator.serviceWorker?.register("/avisos-worker.js").catch(() => {});

// A browser from before 2020 has not all of this: there the forms stay forms.
if (Element.prototype.replaceChildren) {
  document.addEventListener("submit", submit);
  addEventListener("online", deliver);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && deliver());
  remember();
  worker();
  if (read()) deliver();
}
