// What WCAG 2.2 AA asks of a page, as far as a program can tell: returns what is wrong, in sentences.
() => {
  const wrong = [];
  const parse = (text) => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const shown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility === "visible";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || ["title", "desc"].includes(node.tagName) || !shown(node)) continue;
    const style = getComputedStyle(node);
    const found = ratio(parse(node.tagName === "text" ? style.fill : style.color), behind(node));
    if (found < 4.5) wrong.push(`text ${text.data.trim().slice(0, 40)}: contrast ${found.toFixed(2)}`);
  }
  for (const node of document.querySelectorAll(".chart .series path, .chart .series rect, .chart circle, .bar .fill, .bar .over, .key path, .key rect")) {
    const style = getComputedStyle(node);
    const paints = [style.fill, style.stroke].filter((paint) => paint !== "none");
    const found = Math.max(...paints.map((paint) => ratio(parse(paint), behind(node))));
    if (found < 3) wrong.push(`${node.parentElement.getAttribute("class")}: contrast ${found.toFixed(2)}`);
  }
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) wrong.push(`${wide} px wider than the screen`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`heading ${heading.textContent} after level ${level}`);
    level = next;
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  if (new Set(ids).size !== ids.length) wrong.push(`an id is there twice: ${ids}`);
  for (const node of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    for (const id of [node.getAttribute("aria-labelledby"), node.getAttribute("aria-describedby")]) {
      if (id && !document.getElementById(id)?.textContent.trim()) wrong.push(`no text for ${id}`);
    }
  }
  for (const image of document.images) if (!image.complete || !image.naturalWidth || !image.alt) wrong.push(`image ${image.src}`);
  for (const part of ["main", "header", "footer", "nav"]) if (!document.querySelector(part)) wrong.push(`no ${part}`);
  if (!document.documentElement.lang || !document.title) wrong.push("no language or title");
  return wrong;
}
