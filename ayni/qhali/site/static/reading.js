// Reads the page aloud with a voice that is on the phone. Voices of a network would send what is read to the
// browser's maker, so they are not used; without a voice there is no button.
const LANGUAGES = ["es-PE", "es-419", "es-US", "es-MX", "es-CO", "es-ES", "es"];
const SPOKEN = ".line, h1, h2, h3, p, dt, dd, label, legend, li, button, a.button, a.call";
const BUBBLES = ".said.qhali, .emergency";

const synthesis = window.speechSynthesis;
const bar = document.getElementById("reading");
const all = document.getElementById("read-all");

const voice = () => {
  const own = synthesis.getVoices().filter((each) => each.localService && each.lang.toLowerCase().startsWith("es"));
  const rank = (each) => (LANGUAGES.indexOf(each.lang.replace("_", "-")) + LANGUAGES.length + 1) % (LANGUAGES.length + 1);
  return own.sort((one, other) => rank(one) - rank(other))[0];
};

// The items of a list are lines of their question already; a translation wants another voice.
const isSpoken = (element) =>
  !element.querySelector(SPOKEN) && !element.closest("[hidden], select, .listen, .list, .translation") && element.checkVisibility?.() !== false;

export const sentences = (root) => {
  const whole = root.matches(SPOKEN) ? [root] : [];
  return [...whole, ...root.querySelectorAll(SPOKEN)]
    .filter(isSpoken)
    .map((each) => each.textContent.replace(/\s+/g, " ").trim())
    .filter(Boolean);
};

let pressed = null;

const settle = () => {
  if (pressed) pressed.setAttribute("aria-pressed", "false");
  pressed = null;
};

const say = (root, button) => {
  const isSame = pressed === button;
  synthesis.cancel();
  settle();
  if (isSame) return;
  pressed = button;
  button.setAttribute("aria-pressed", "true");
  const texts = sentences(root);
  texts.forEach((text, index) => {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice();
    utterance.lang = "es-PE";
    utterance.rate = 0.9;
    if (index === texts.length - 1) utterance.onend = () => pressed === button && settle();
    synthesis.speak(utterance);
  });
};

const listenButton = (root) => {
  const button = all.cloneNode(true);
  button.removeAttribute("id");
  button.querySelector("span").textContent = "Escuchar";
  button.setAttribute("aria-label", `Escuchar: ${sentences(root)[0]?.slice(0, 60)}`);
  button.addEventListener("click", () => say(root, button));
  return button;
};

const offer = () => {
  if (!voice()) return;
  bar.hidden = false;
  for (const each of document.querySelectorAll(BUBBLES)) {
    if (!each.querySelector(".listen")) each.append(listenButton(each));
  }
};

if (synthesis && bar) {
  all.setAttribute("aria-pressed", "false");
  all.addEventListener("click", () => say(document.getElementById("main"), all));
  synthesis.addEventListener?.("voiceschanged", offer);
  document.addEventListener("qhali:shown", offer);
  addEventListener("pagehide", () => synthesis.cancel());
  offer();
}
