// What a page must hold so that people who do not see, do not point or read slowly can use it (WCAG 2.2 AA,
// with the house's own 18 px and 44 px). Returns one line per fault.
() => {
  const faults = [];
  const visible = (each) => each.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  const tell = (rule, each) => faults.push(`${rule}: ${each.outerHTML.slice(0, 120)}`);
  const textOf = (each) => (each.getAttribute("aria-label") ?? each.textContent).trim();

  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const behind = (each) => {
    if (!each) return [255, 255, 255];
    const [red, green, blue, alpha = 1] = numbers(getComputedStyle(each).backgroundColor);
    if (alpha === 1) return [red, green, blue];
    const below = behind(each.parentElement);
    return [red, green, blue].map((value, index) => value * alpha + below[index] * (1 - alpha));
  };
  const contrast = (each) => {
    const [one, other] = [light(numbers(getComputedStyle(each).color)), light(behind(each))].sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
  };

  if (document.documentElement.lang !== "es-PE") faults.push("lang");
  if (!document.title) faults.push("title");
  if (document.querySelectorAll("main").length !== 1) faults.push("one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("one h1");
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);

  let level = 0;
  for (const each of [...document.querySelectorAll("h1, h2, h3, h4")].filter(visible)) {
    const own = Number(each.tagName[1]);
    if (level && own > level + 1) tell("heading skips a level", each);
    level = own;
  }
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) faults.push(`id twice: ${id}`);
  for (const name of ["aria-labelledby", "aria-describedby"]) {
    for (const each of document.querySelectorAll(`[${name}]`)) {
      if (!each.getAttribute(name).split(" ").every((id) => document.getElementById(id))) tell(name, each);
    }
  }
  for (const each of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (visible(each) && !each.labels.length && !each.getAttribute("aria-label")) tell("no label", each);
  }
  for (const each of [...document.querySelectorAll("button, a[href], summary")].filter(visible)) {
    if (!textOf(each)) tell("no name", each);
    const box = each.getBoundingClientRect();
    const isInline = getComputedStyle(each).display === "inline";
    if (!isInline && !each.matches(".skip") && (box.height < 44 || box.width < 44)) tell(`small target ${box.height}`, each);
  }
  for (const each of document.querySelectorAll("img:not([alt]), svg[role=img]:not([aria-labelledby])")) tell("no alternative", each);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const each = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !visible(each) || each.closest("svg, option, script, .skip")) continue;
    const style = getComputedStyle(each);
    const size = parseFloat(style.fontSize);
    if (size < 18) tell(`${size} px`, each);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast(each) < (isLarge ? 3 : 4.5)) tell(`contrast ${contrast(each).toFixed(2)}`, each);
  }
  return [...new Set(faults)];
}
