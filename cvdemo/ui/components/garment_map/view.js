// Garments as points, alike ones close together. Hovering shows the picture, clicking chooses it.

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const view = frame.view ??= { only: null };
  Object.assign(view, { data, canvas: frame.querySelector(".map"), bubble: frame.querySelector(".bubble") });
  view.canvas.setAttribute("aria-label", data.alt);
  legend(parentElement.querySelector(".legend"), view);
  view.canvas.onmousemove = (event) => hover(view, event);
  view.canvas.onmouseleave = () => { view.bubble.hidden = true; };
  view.canvas.onclick = (event) => {
    const found = nearest(view, event);
    if (found !== null) setTriggerValue("picked", String(found));
  };
  const watch = new ResizeObserver(() => draw(view));
  watch.observe(frame);
  draw(view);
  return () => watch.disconnect();
}

const MARGIN = 12;

function place(view, [x, y]) {
  const { width, height } = view.canvas.getBoundingClientRect();
  return [MARGIN + x * (width - 2 * MARGIN), MARGIN + (1 - y) * (height - 2 * MARGIN)];
}

function draw(view) {
  const { canvas, data } = view;
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(canvas.closest(".root"));
  const ink = style.color;
  data.places.forEach((at, i) => {
    const [label, said] = [data.labels[i], data.predicted[i]];
    const [x, y] = place(view, at);
    context.globalAlpha = view.only === null || view.only === label ? 0.9 : 0.08;
    context.fillStyle = data.colors[label];
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fill();
    if (label === said) return;
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    context.stroke();
  });
}

function nearest(view, event) {
  const box = view.canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let [best, least] = [null, 14 ** 2];
  view.data.places.forEach((at, i) => {
    if (view.only !== null && view.data.labels[i] !== view.only) return;
    const [px, py] = place(view, at);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

function hover(view, event) {
  const { bubble, data, canvas } = view;
  const i = nearest(view, event);
  bubble.hidden = i === null;
  if (i === null) return;
  const side = 84;
  const [thumb, words] = bubble.children;
  thumb.style.backgroundImage = `url(${data.sprite})`;
  thumb.style.backgroundSize = `${data.columns * side}px auto`;
  thumb.style.backgroundPosition = `-${(i % data.columns) * side}px -${Math.floor(i / data.columns) * side}px`;
  const [truth, said] = [data.names[data.labels[i]], data.names[data.predicted[i]]];
  words.textContent = truth === said ? truth : `${truth}, taken for ${said}`;
  const [x, y] = place(view, data.places[i]);
  const { width, height } = canvas.getBoundingClientRect();
  bubble.style.left = `${clamp(x + 10, 0, width - 140)}px`;
  bubble.style.top = `${y + 150 > height ? Math.max(0, y - 150) : y + 10}px`;
}

function legend(place, view) {
  const { data } = view;
  place.replaceChildren(...data.names.map((name, i) => h("button", {
    type: "button", "aria-pressed": String(view.only === i), title: `Show only: ${name}`,
    onclick: () => { view.only = view.only === i ? null : i; legend(place, view); draw(view); },
  }, h("span", { class: "dot", style: { background: data.colors[i] } }), h("span", { text: name }))));
}
