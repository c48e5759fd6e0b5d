// What was written and not yet delivered. It lies on the phone (localStorage: a reload, a closed tab or an
// empty battery lose nothing) and names its place, the conversation and the number of its question. Phones
// are shared: it is erased once delivered, when its conversation ends, and after the hours of a session.
const KEY = "qhali.waiting";
const HOURS_MAX = 12;

const load = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
};

export const erase = () => localStorage.removeItem(KEY);

export const read = () => {
  const kept = load();
  if (kept && Date.now() - kept.since > HOURS_MAX * 3600e3) erase();
  return load();
};

// Throws when the browser keeps nothing: the form is then sent as a form.
export const add = (place, text) => {
  const kept = read() ?? { ...place, since: Date.now(), texts: [] };
  localStorage.setItem(KEY, JSON.stringify({ ...kept, texts: [...kept.texts, text] }));
};

export const joined = (texts) => texts.join("\n");

const words = (text) => text.replace(/\s+/g, " ").trim();

// What of the waiting texts is not part of the answer that its place holds by now.
export const untaken = (texts, taken) => {
  const counts = texts.map((_, index) => index + 1);
  const count = counts.find((each) => words(joined(texts.slice(0, each))) === words(taken)) ?? 0;
  return texts.slice(count);
};

export const bubble = (text, note) => {
  const item = document.createElement("li");
  item.className = "said citizen waiting";
  const parts = [
    ["span", "who", "Usted:"],
    ["p", "words", text],
    ["p", "note", note],
  ];
  for (const [tag, name, content] of parts) {
    const part = document.createElement(tag);
    part.className = name;
    part.textContent = content;
    item.append(part);
  }
  return item;
};
