// A map of reasons over the picture; a click, or the arrow keys and Enter, ask about what is at a point.

class Reasons {
  constructor(node) {
    this.node = node;
    this.at = null;
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    const focused = this.place?.matches(":focus");
    if (this.data?.width !== data.width || this.data?.height !== data.height) this.at = null;
    this.data = data;
    const asks = Boolean(data.hint);
    this.cross = h("span", { class: "cross", hidden: true });
    this.place = h("div", { class: asks ? "place asks" : "place", style: { "--ratio": (data.width / data.height).toFixed(4) },
      tabindex: asks ? "0" : null, role: asks ? "group" : null, "aria-label": asks ? "Picture; arrow keys and Enter choose a place to ask about" : null },
    h("img", { src: data.src, alt: data.alt, draggable: "false" }), this.cross);
    if (asks) {
      this.place.addEventListener("click", (event) => this.click(event));
      this.place.addEventListener("keydown", (event) => this.key(event));
    }
    this.node.replaceChildren(this.place, h("p", { class: "caption said", text: [data.caption, data.hint].filter(Boolean).join(" ") }));
    if (this.at) this.mark();
    if (focused) this.place.focus({ preventScroll: true });
  }

  click(event) {
    const box = this.place.getBoundingClientRect();
    this.at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.mark();
    this.send();
  }

  key(event) {
    if (event.key === "Enter" && this.at) { event.preventDefault(); this.send(); return; }
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [x, y] = this.at ?? [0.5, 0.5];
    this.at = [clamp(x + step[0] * 0.02, 0, 0.999), clamp(y + step[1] * 0.02, 0, 0.999)];
    this.mark();
  }

  mark() {
    this.cross.hidden = false;
    Object.assign(this.cross.style, { left: `${this.at[0] * 100}%`, top: `${this.at[1] * 100}%` });
  }

  send() {
    this.ask([this.at[0] * this.data.width, this.at[1] * this.data.height]);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".explorer-why");
  node.view ??= new Reasons(node);
  node.view.update(data, (point) => setTriggerValue("point", point));
}
