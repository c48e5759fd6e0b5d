// The page without signal: what waits on this phone, room for more, and the way back once the signal is.
import { add, bubble, erase, read } from "./waiting.js";

const PROBE_MS = 5_000;
const part = (id) => document.getElementById(id);

const place = () => read() ?? JSON.parse(sessionStorage.getItem("qhali.place"));

const show = () => {
  const here = place();
  if (!here?.question) return;
  const question = bubble(here.question, "");
  question.className = "said qhali now";
  question.querySelector(".who").textContent = "QHALI pregunta:";
  const texts = read()?.texts ?? [];
  part("waiting-list").replaceChildren(question, ...texts.map((text) => bubble(text, "Esperando señal")));
  part("waiting").hidden = false;
};

const goOn = async () => {
  try {
    await fetch("/static/qhali.svg", { cache: "no-store", headers: { "X-Probe": "1" } });
  } catch {
    return;
  }
  if (read()) location.assign("/conversacion");
  else location.reload();
};

part("waiting-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { conversation, number, question } = place();
  add({ conversation, number, question }, part("text").value.trim());
  part("text").value = "";
  show();
});
part("erase").addEventListener("click", () => {
  erase();
  sessionStorage.removeItem("qhali.place");
  part("waiting-list").replaceChildren();
  part("waiting").hidden = true;
});
addEventListener("online", goOn);
setInterval(goOn, PROBE_MS);
show();
