// A black sheet to draw a garment on, light on black as in the data set. Every finished stroke is sent as a PNG.

const SHADES = [[235, "Light"], [160, "Middle"], [90, "Dark"]];
const KEPT = 30;

export default function ({ data, parentElement, setStateValue }) {
  const sheet = parentElement.querySelector(".sheet");
  const view = sheet.view ??= build(sheet, parentElement.querySelector(".tools"));
  view.send = debounce(() => setStateValue("drawing", { key: view.key, png: sheet.toDataURL("image/png") }), 120);
  sheet.setAttribute("aria-label", data.label);
  if (view.key !== data.key) view.begin(data.key, data.base);
  return () => view.send.cancel();
}

function build(sheet, tools) {
  const context = sheet.getContext("2d", { willReadFrequently: true });
  const view = { key: null, tool: "pen", grey: SHADES[0][0], size: 28, past: [], at: null };
  const undo = h("button", { class: "push", type: "button", text: "Undo", disabled: true, onclick: () => back() });
  const keep = () => {
    view.past.push(context.getImageData(0, 0, sheet.width, sheet.height));
    if (view.past.length > KEPT) view.past.shift();
    undo.disabled = false;
  };
  const back = () => {
    const last = view.past.pop();
    if (!last) return;
    context.putImageData(last, 0, 0);
    undo.disabled = view.past.length === 0;
    view.send();
  };
  view.begin = (key, base) => {
    Object.assign(view, { key, past: [], at: null });
    undo.disabled = true;
    blank(context);
    if (!base) return;
    const image = new Image();
    image.onload = () => {
      if (view.key !== key || view.past.length) return;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, sheet.width, sheet.height);
    };
    image.src = base;
  };
  pointer(sheet, context, view, keep);
  tools.append(
    segmented("Tool", [["pen", "Pen"], ["fill", "Fill"], ["erase", "Eraser"]], "pen", (tool) => { view.tool = tool; }),
    shades(view),
    slider("Size", "Width of the pen and the eraser", {
      min: 6, max: 70, step: 2, value: view.size, show: (v) => `${v}`, oninput: (v) => { view.size = v; },
    }),
    h("div", { class: "row" }, undo, h("button", {
      class: "push", type: "button", text: "Clear", onclick: () => { keep(); blank(context); view.send(); },
    })),
  );
  sheet.ownerDocument.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && sheet.matches(":hover")) { event.preventDefault(); back(); }
  });
  return view;
}

function shades(view) {
  const group = h("div", { class: "shades", role: "radiogroup", "aria-label": "Shade" }, h("span", { text: "Shade" }));
  const buttons = SHADES.map(([grey, name]) => h("button", {
    class: "shade", type: "button", role: "radio", "aria-label": name, title: name,
    style: { background: `rgb(${grey},${grey},${grey})` }, onclick: () => set(grey),
  }));
  const set = (grey) => {
    view.grey = grey;
    buttons.forEach((button, i) => button.setAttribute("aria-checked", String(SHADES[i][0] === grey)));
  };
  group.append(...buttons);
  set(view.grey);
  return group;
}

/** Mouse, pen and touch alike; a stroke goes on outside of the sheet until it is lifted. */
function pointer(sheet, context, view, keep) {
  const place = (event) => {
    const box = sheet.getBoundingClientRect();
    return { x: (event.clientX - box.left) * sheet.width / box.width, y: (event.clientY - box.top) * sheet.height / box.height };
  };
  const draw = (to) => { stroke(context, view.at, to, view.size, view.tool === "erase" ? 0 : view.grey); view.at = to; };
  sheet.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    keep();
    view.at = place(event);
    if (view.tool === "fill") { fillArea(context, view.at, view.grey); view.at = null; view.send(); return; }
    sheet.setPointerCapture(event.pointerId);
    draw(view.at);
  };
  sheet.onpointermove = (event) => {
    if (!view.at) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) draw(place(step));
  };
  const end = () => { if (view.at) { view.at = null; view.send(); } };
  sheet.onpointerup = sheet.onpointercancel = end;
}
