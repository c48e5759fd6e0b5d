// Speaking instead of typing, where the browser offers it. Its maker may hear the voice: this is said first,
// and nothing listens before the second tap. What was understood goes into the box, never straight out.
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const WARNING =
  "Su voz puede pasar por la empresa que hizo su navegador. QHALI no la guarda: solo recibe lo que usted envíe escrito.";
const FAILED = "No se pudo escuchar. Escriba su respuesta, por favor.";
const AGREED = "qhali.dictation";

const element = (tag, name, text, children = []) => {
  const made = document.createElement(tag);
  made.className = name;
  made.append(text, ...children);
  if (tag === "button") made.type = "button";
  return made;
};

const listen = (box, button, note) => {
  const recognition = new Recognition();
  recognition.lang = "es-PE";
  recognition.onresult = (event) => {
    const heard = [...event.results].map((each) => each[0].transcript).join(" ");
    box.value = `${box.value} ${heard}`.trim();
    note.textContent = "Revise lo que se escribió y toque Responder.";
    box.focus();
  };
  recognition.onerror = () => (note.textContent = FAILED);
  recognition.onend = () => button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", "true");
  note.textContent = "Le escucho. Hable ahora.";
  recognition.start();
};

const ask = (box, button, note) => {
  const yes = element("button", "quiet", "Sí, usar mi voz");
  const no = element("button", "quiet", "No, escribo");
  yes.addEventListener("click", () => {
    sessionStorage.setItem(AGREED, "yes");
    listen(box, button, note);
    button.focus();
  });
  no.addEventListener("click", () => {
    note.textContent = "";
    box.focus();
  });
  note.replaceChildren(WARNING, element("span", "answers", "", [yes, no]));
  yes.focus();
};

const offer = () => {
  const box = document.getElementById("text");
  if (!box || box.form.querySelector(".dictate")) return;
  const button = element("button", "quiet dictate", "Hablar en vez de escribir");
  button.prepend(document.getElementById("speak-icon").content.cloneNode(true), " ");
  const note = element("div", "dictation", "");
  note.setAttribute("role", "status");
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () =>
    sessionStorage.getItem(AGREED) ? listen(box, button, note) : ask(box, button, note)
  );
  box.form.append(button, note);
};

if (Recognition) {
  document.addEventListener("qhali:shown", offer);
  offer();
}
