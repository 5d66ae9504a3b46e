// The inside of a network: stages from left to right, the channels of one of them as tiles, one channel on the picture.
// Stage, layer and order are asked of Python; channels are cut from the sprite here, at once.

class InsideView {
  constructor(node) {
    this.node = node;
    this.opacity = 0.75;
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    const kept = this.data && this.data.layer.name === data.layer.name && this.data.key === data.key;
    const channel = kept ? this.channel : null;
    const scrolled = this.stages ? this.stages.scrollLeft : 0;
    this.data = data;
    this.build();
    this.stages.scrollLeft = scrolled;
    this.sprite.decode().then(() => this.choose(channel ?? data.sprite.channels[0]), () => {});
  }

  build() {
    const { data } = this;
    this.stages = h("div", { class: "stages", role: "radiogroup", "aria-label": "Stage of the network" },
      ...data.stages.map((stage) => this.stageTile(stage)));
    this.sprite = h("img", { src: data.sprite.src, width: data.sprite.width, height: data.sprite.height,
      alt: `${data.layer.shape[0]} feature maps of ${data.layer.name}` });
    this.hover = h("div", { class: "mark hover", hidden: true });
    this.chosen = h("div", { class: "mark chosen", hidden: true });
    this.grid = h("div", { class: "grid", tabindex: "0", role: "group",
      "aria-label": "Channels; arrow keys choose one",
      style: { width: `min(100%, ${2 * data.sprite.width}px)` } }, this.sprite, this.hover, this.chosen);
    this.node.classList.remove("busy");
    this.node.replaceChildren(this.stages, this.bar(), h("div", { class: "body" }, this.left(), this.right()));
    this.listen();
  }

  stageTile(stage) {
    const on = stage.name === this.data.layer.name;
    const [channels, height, width] = stage.shape;
    const tile = h("button", { type: "button", class: "stage-tile", role: "radio", "aria-checked": String(on), title: stage.name,
      "aria-label": `${stage.name}: ${channels} channels of ${width} by ${height}`, onclick: () => this.request({ layer: stage.name }) },
      h("span", { class: "map" }, h("img", { src: stage.src, alt: "" })),
      h("span", { class: "name", text: stage.label }),
      h("span", { class: "caption num", style: { "text-align": "left" }, text: `${width}×${height}, ${channels} ch` }));
    tile.addEventListener("keydown", (event) => {
      const way = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
      if (way && tile[way]) { event.preventDefault(); tile[way].focus(); tile[way].click(); }
    });
    return tile;
  }

  bar() {
    const { data } = this;
    const select = (label, options, value, name) => {
      const node = h("select", { onchange: () => this.request({ [name]: node.value }) },
        ...options.map(([key, text]) => h("option", { value: key, text })));
      node.value = value;
      return h("label", {}, h("span", { text: label }), node);
    };
    const parts = [select("Layer", data.layers.map(({ name, kind }) => [name, `${name}  ·  ${kind}`]), data.layer.name, "layer"),
      segmented("Order of the channels", [["activity", "Most varied first"], ["index", "By number"]], data.order,
        (value) => this.request({ order: value }))];
    if (data.items.length > 1) parts.unshift(select("Person", data.items.map((text, i) => [String(i), text]), String(data.item), "item"));
    return h("div", { class: "bar" }, ...parts);
  }

  left() {
    const [channels, height, width] = this.data.layer.shape;
    return h("div", {},
      h("p", { class: "caption", style: { margin: "0 0 0.5rem" },
        text: `${channels} channels of ${width} × ${height} cells. Bright is a strong answer. ${this.data.dead}` }), this.grid);
  }

  right() {
    const { picture, layer } = this.data;
    this.canvas = h("canvas", { role: "img" });
    this.large = h("div", { class: "large", style: { "--ratio": (picture.width / picture.height).toFixed(4) } },
      h("img", { src: picture.src, alt: picture.name, class: picture.tiny ? "tiny" : null }), this.canvas, this.edge());
    this.name = h("span", {});
    this.steps = h("div", { class: "steps" },
      h("button", { type: "button", text: "‹", "aria-label": "Previous channel", onclick: () => this.step(-1) }), this.name,
      h("button", { type: "button", text: "›", "aria-label": "Next channel", onclick: () => this.step(1) }));
    this.low = h("span", {});
    this.high = h("span", {});
    return h("div", {},
      h("p", { class: "caption", style: { margin: "0 0 0.5rem" }, text: `One channel of ${layer.name} on the picture` }), this.large,
      h("div", { class: "under" }, this.steps,
        slider("Opacity", "How strongly the feature map covers the picture", { min: 0, max: 1, step: 0.05, value: this.opacity,
          show: (v) => `${Math.round(v * 100)} %`, oninput: (v) => { this.opacity = v; this.canvas.style.opacity = v; } }),
        h("span", { class: "caption scale", title: "Values of this channel, lowest to highest" }, this.low, h("i", {}), this.high)));
  }

  /** Place of the network's input on the picture, as CSS percentages. */
  place(node) {
    const { picture, area } = this.data;
    const [x1, y1, x2, y2] = area;
    node.style.left = `${(x1 / picture.width) * 100}%`;
    node.style.top = `${(y1 / picture.height) * 100}%`;
    node.style.width = `${((x2 - x1) / picture.width) * 100}%`;
    node.style.height = `${((y2 - y1) / picture.height) * 100}%`;
    return node;
  }

  edge() {
    return this.place(h("div", { class: "edge", title: "What the network was given" }));
  }

  request(change) {
    this.node.classList.add("busy");
    this.ask("view", { key: this.data.key, layer: this.data.layer.name, order: this.data.order, item: this.data.item, ...change });
  }

  listen() {
    const at = (event) => {
      const box = this.sprite.getBoundingClientRect();
      const scale = this.data.sprite.width / box.width;
      const { columns, tile, gap, channels } = this.data.sprite;
      const column = Math.floor(((event.clientX - box.left) * scale) / (tile[1] + gap));
      const row = Math.floor(((event.clientY - box.top) * scale) / (tile[0] + gap));
      const n = row * columns + column;
      return column >= 0 && column < columns && row >= 0 && n < channels.length ? n : null;
    };
    this.grid.addEventListener("pointermove", (event) => this.mark(this.hover, at(event)));
    this.grid.addEventListener("pointerleave", () => this.mark(this.hover, null));
    this.grid.addEventListener("click", (event) => {
      const n = at(event);
      if (n !== null) this.choose(this.data.sprite.channels[n]);
    });
    this.grid.addEventListener("keydown", (event) => {
      const { columns } = this.data.sprite;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (step) { event.preventDefault(); this.step(step); }
    });
  }

  step(by) {
    const { channels } = this.data.sprite;
    const n = channels.indexOf(this.channel) + by;
    if (n >= 0 && n < channels.length) this.choose(channels[n]);
  }

  /** Frame a tile; in percent, so that it fits at every width. */
  mark(node, n) {
    node.hidden = n === null;
    if (n === null) return;
    const [x, y, w, t] = this.tileBox(n);
    const { width, height } = this.data.sprite;
    Object.assign(node.style, { left: `${(x / width) * 100}%`, top: `${(y / height) * 100}%`,
      width: `${(w / width) * 100}%`, height: `${(t / height) * 100}%` });
    node.title = `channel ${this.data.sprite.channels[n]}`;
  }

  tileBox(n) {
    const { columns, tile: [t, w], gap } = this.data.sprite;
    return [(n % columns) * (w + gap), Math.floor(n / columns) * (t + gap), w, t];
  }

  choose(channel) {
    const n = this.data.sprite.channels.indexOf(channel);
    if (n < 0) return;
    this.channel = channel;
    this.mark(this.chosen, n);
    const [x, y, w, t] = this.tileBox(n);
    this.canvas.width = w;
    this.canvas.height = t;
    this.canvas.getContext("2d").drawImage(this.sprite, x, y, w, t, 0, 0, w, t);
    this.place(this.canvas).style.opacity = this.opacity;
    this.canvas.setAttribute("aria-label", `Channel ${channel} of ${this.data.layer.name} over the picture`);
    this.name.textContent = `channel ${channel} of ${this.data.layer.shape[0]}`;
    this.low.textContent = this.data.sprite.low[n];
    this.high.textContent = this.data.sprite.high[n];
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".inside");
  node.view ??= new InsideView(node);
  node.view.update(data, setStateValue);
}
