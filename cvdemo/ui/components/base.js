// Shared by every component: small helpers, no state.

/** Make an element. Attributes: class, text, data-*, aria-*, on<event>; text is never parsed as HTML. */
function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "line", "circle", "path"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** Call fn once, `ms` after the last call. flush() calls it at once if a call is waiting. */
function debounce(fn, ms) {
  let timer = null;
  const run = () => { timer = null; fn(); };
  const later = () => { clearTimeout(timer); timer = setTimeout(run, ms); };
  later.flush = () => { if (timer !== null) { clearTimeout(timer); run(); } };
  later.cancel = () => { clearTimeout(timer); timer = null; };
  return later;
}

/** Black or white, whichever is easier to read on that #rrggbb colour (WCAG relative luminance). */
function inkOn(color) {
  const channel = (i) => {
    const c = parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

/** "3 people", "1 bus". */
function counted(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}

function score(value) {
  return value.toFixed(2);
}

function percent(share) {
  const p = share * 100;
  return p >= 9.95 ? `${p.toFixed(0)} %` : `${p.toFixed(1)} %`;
}

/** A row of choices of which one holds: radio semantics, arrow keys move. options: [[value, label], ...] */
function segmented(label, options, value, onchange) {
  const group = h("div", { class: "segmented", role: "radiogroup", "aria-label": label });
  const set = (chosen, notify) => {
    for (const button of group.children) {
      const on = button.dataset.value === chosen;
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
    }
    if (notify) onchange(chosen);
  };
  for (const [key, text] of options) {
    group.append(h("button", { type: "button", role: "radio", "data-value": key, text, onclick: () => set(key, true) }));
  }
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...group.children];
    const at = buttons.findIndex((button) => button.getAttribute("aria-checked") === "true");
    const next = buttons[(at + step + buttons.length) % buttons.length];
    set(next.dataset.value, true);
    next.focus();
  });
  group.set = (chosen) => set(chosen, false);
  group.set(value);
  return group;
}

/** A labelled slider whose value stands beside it. show: value -> text. */
function slider(label, help, { min, max, step, value, show, oninput }) {
  const output = h("output", { text: show(value) });
  const input = h("input", { type: "range", min, max, step, "aria-label": label });
  input.value = value;
  input.addEventListener("input", () => { output.textContent = show(Number(input.value)); oninput(Number(input.value)); });
  const control = h("label", { class: "control", title: help }, h("span", { text: label }), input, output);
  control.set = (v) => { input.value = v; output.textContent = show(Number(v)); };
  return control;
}

/** A labelled tick box. */
function tick(label, help, { checked, onchange }) {
  const input = h("input", { type: "checkbox", onchange: () => onchange(input.checked) });
  input.checked = checked;
  const control = h("label", { class: "control", title: help }, input, h("span", { text: label }));
  control.set = (v) => { input.checked = v; };
  return control;
}
