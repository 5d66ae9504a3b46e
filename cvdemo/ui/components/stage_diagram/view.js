// A network from picture to answer, block by block. Pointing at a block shows how much of the picture one of its cells
// sees; choosing one tells Python, which then lists its layers.

class StageDiagram {
  constructor(node) {
    this.node = node;
  }

  update(data, send) {
    this.send = send;
    if (this.data === data) return;
    const fresh = this.data?.key !== data.key;
    this.data = data;
    if (fresh) { this.chosen = data.chosen; this.build(); }
    else this.image.src = data.picture.src;
    this.light(null);
  }

  build() {
    const { picture, blocks, kinds } = this.data;
    this.image = h("img", { src: picture.src, alt: `${picture.name}, as the network is given it` });
    this.field = h("div", { class: "field", "aria-hidden": "true" });
    this.seen = h("p", { class: "caption" });
    const eye = h("figure", { class: "eye" }, h("div", { class: "frame" }, this.image, this.field), h("figcaption", {}, this.seen));
    this.finest = Math.max(...blocks.map(({ cells }) => cells));
    this.tiles = blocks.map((block, i) => this.tile(block, i));
    const heads = h("div", { class: "heads", "aria-hidden": "true" }, h("span", {}), h("span", {}), h("span", { text: "output" }),
      h("span", { text: "weights" }), h("span", { text: "work" }));
    this.words = h("p", { class: "words", "aria-live": "polite" });
    const legend = h("p", { class: "legend caption" }, ...kinds.map(({ name, color }) =>
      h("span", {}, h("i", { style: { background: color } }), name)), h("span", { text: "height: cells of the grid · width: channels (square-root scale)" }));
    const strip = h("div", { class: "strip", role: "radiogroup", "aria-label": "Blocks of the network" }, ...this.tiles);
    strip.addEventListener("pointerleave", () => this.light(null));
    this.node.replaceChildren(eye, h("div", { class: "body" }, h("div", { class: "lanes" }, heads, strip), this.words, legend));
  }

  tile(block, i) {
    const share = (value, name) => h("span", { class: "share", title: `${percent(value)} of the ${name}` },
      h("i", { style: { width: `${Math.max(1.5, 100 * value)}%`, background: block.color } }), h("em", { text: value >= 0.001 ? percent(value) : "< 0.1 %" }));
    const node = h("button", { type: "button", class: "tile", role: "radio",
      "aria-label": `${block.label}: ${block.what}; output ${block.output}; ${percent(block.weightShare)} of the weights, ${percent(block.workShare)} of the work` },
      h("span", { class: "slab" }, slab(block, this.finest)), h("span", { class: "name", text: block.label }),
      h("span", { class: "output num", text: block.output }), share(block.weightShare, "weights"), share(block.workShare, "multiply-adds"));
    node.addEventListener("pointerenter", () => this.light(i));
    node.addEventListener("focus", () => this.light(i));
    node.addEventListener("blur", () => this.light(null));
    node.addEventListener("click", () => this.choose(i));
    node.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step && this.tiles[i + step];
      if (next) { event.preventDefault(); next.focus(); }
    });
    return node;
  }

  choose(i) {
    this.chosen = this.chosen === i ? null : i;
    this.light(i);
    this.send("block", { key: this.data.key, index: this.chosen });
  }

  /** Show a block, or the chosen one, or one from the middle of the network. */
  light(i) {
    const { blocks, picture } = this.data;
    const maps = blocks.filter(({ box }) => box).length;
    const at = i ?? this.chosen ?? Math.max(0, Math.floor(maps / 2) - 1);
    const block = blocks[at];
    this.tiles.forEach((tile, n) => {
      tile.setAttribute("aria-checked", String(n === this.chosen));
      tile.tabIndex = n === (this.chosen ?? 0) ? 0 : -1;
      tile.classList.toggle("lit", n === at);
    });
    const [x0, y0, x1, y1] = block.box ?? [0, 0, picture.width, picture.height];
    Object.assign(this.field.style, { left: `${(100 * x0) / picture.width}%`, top: `${(100 * y0) / picture.height}%`,
      width: `${(100 * (x1 - x0)) / picture.width}%`, height: `${(100 * (y1 - y0)) / picture.height}%` });
    const whole = x1 - x0 >= picture.width && y1 - y0 >= picture.height;
    this.seen.textContent = whole ? `${block.label}: every cell in the middle sees the whole picture`
      : `One cell of ${block.label} sees ${x1 - x0} × ${y1 - y0} pixels`;
    const what = block.what.startsWith(block.label) ? block.what.slice(block.label.length) : `: ${block.what}`;
    this.words.replaceChildren(h("b", { text: block.label }), `${what}. Output ${block.output}, ${block.params} parameters, ${block.macs} multiply-adds.`);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".diagram");
  node.view ??= new StageDiagram(node);
  node.view.update(data, setStateValue);
}
