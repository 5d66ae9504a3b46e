// Many small pictures as one sprite; pointer or arrow keys choose one.

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".picker");
  const { columns, count } = data;
  const rows = Math.ceil(count / columns);
  node.setAttribute("aria-label", data.label);
  if (node.key !== data.key) {
    node.key = data.key;
    node.replaceChildren(h("img", { src: data.src, alt: data.label, draggable: "false", width: data.width, height: data.height }),
      h("div", { class: "mark hover", hidden: true }), h("div", { class: "mark chosen", role: "option", "aria-selected": "true" }));
    node.chosen = data.chosen;
  }
  const [image, hover, chosen] = node.children;
  const frame = (mark, n) => {
    mark.hidden = n === null;
    if (n === null) return;
    Object.assign(mark.style, { left: `${((n % columns) / columns) * 100}%`, top: `${(Math.floor(n / columns) / rows) * 100}%`,
      width: `${100 / columns}%`, height: `${100 / rows}%` });
  };
  const at = (event) => {
    const box = image.getBoundingClientRect();
    const n = Math.floor(((event.clientY - box.top) / box.height) * rows) * columns
      + Math.floor(((event.clientX - box.left) / box.width) * columns);
    return n >= 0 && n < count ? n : null;
  };
  const choose = (n) => {
    if (n === null || n < 0 || n >= count) return;
    node.chosen = n;
    frame(chosen, n);
    chosen.setAttribute("aria-label", `${data.label}, number ${n + 1} of ${count}`);
    setStateValue("chosen", { key: data.key, n });
  };
  frame(chosen, node.chosen);
  node.onpointermove = (event) => frame(hover, at(event));
  node.onpointerleave = () => frame(hover, null);
  node.onclick = (event) => choose(at(event));
  node.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) { event.preventDefault(); choose(node.chosen + step); }
  };
}
