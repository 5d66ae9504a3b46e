// Two layers side by side: the view that is chosen above on both, the difference, and their channels tile by tile.

class Compare {
  constructor(node) {
    this.node = node;
    this.opacity = 0.8;
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    const focused = this.node.getRootNode().activeElement?.closest?.(".grid")?.dataset.side;
    this.data = data;
    const panes = [...data.sides, ...(data.difference ? [data.difference] : [])];
    this.maps = [];
    this.hovers = [];
    this.chosen = [];
    this.said = h("p", { class: "caption said", "aria-live": "polite" });
    const grids = h("div", { class: "grids" }, ...data.grid.sprites.map((sprite, side) => this.grid(sprite, side)));
    this.node.replaceChildren(this.bar(), h("div", { class: "panes", style: { "--panes": String(panes.length) } },
      ...panes.map((pane) => this.pane(pane))), h("div", { class: "facts" }, ...data.facts.map((text) => h("p", { text }))), grids, this.said);
    const at = data.grid.channels.indexOf(data.grid.chosen);
    this.mark(this.chosen, data.view === "channel" ? at : -1);
    this.say(-1);
    if (focused !== undefined) this.node.querySelector(`.grid[data-side="${focused}"]`)?.focus({ preventScroll: true });
  }

  bar() {
    const { data } = this;
    const views = segmented("What is compared", data.views.map(([key, text]) => [key, text]), data.view, (view) => this.ask({ view }));
    data.views.forEach(([, , help], i) => { views.children[i].title = help; });
    return h("div", { class: "bar" }, views, slider("Opacity", "How strongly the maps cover the pictures", { min: 0, max: 1, step: 0.05,
      value: this.opacity, show: (v) => `${Math.round(v * 100)} %`, oninput: (v) => { this.opacity = v; for (const map of this.maps) map.style.opacity = v; } }));
  }

  pane({ title, picture, area: [x1, y1, x2, y2], map }) {
    const { width, height } = picture;
    const over = h("img", { class: "map", src: map.src, alt: "", style: { left: `${(x1 / width) * 100}%`, top: `${(y1 / height) * 100}%`,
      width: `${((x2 - x1) / width) * 100}%`, height: `${((y2 - y1) / height) * 100}%`, opacity: String(this.opacity) } });
    this.maps.push(over);
    const ends = map.top !== undefined ? [few(-map.top), few(map.top)] : map.low !== undefined ? [few(map.low), few(map.high)] : null;
    return h("figure", {}, h("figcaption", { text: title }), h("div", { class: "over", style: { "--ratio": (width / height).toFixed(4) } },
      h("img", { class: "photo", src: picture.src, alt: `${title}: the map over ${picture.name}`, draggable: "false" }), over),
    ends && h("div", { class: "caption scale" }, h("span", { text: ends[0] }), h("i", { class: map.top !== undefined ? "signed" : null }), h("span", { text: ends[1] })));
  }

  grid(sprite, side) {
    const { grid } = this.data;
    const hover = h("div", { class: "mark hover", hidden: true });
    const chosen = h("div", { class: "mark chosen", hidden: true });
    this.hovers.push(hover);
    this.chosen.push(chosen);
    const numbers = side ? grid.partners : grid.channels;
    const node = h("div", { class: "grid", tabindex: "0", role: "group", "data-side": String(side),
      "aria-label": `Channels of the ${side ? "second" : "first"} side; arrow keys choose one` },
    h("img", { src: sprite.src, width: sprite.width, height: sprite.height, draggable: "false",
      alt: `${numbers.length} feature maps of ${this.data.sides[side].title}` }), hover, chosen);
    const at = (event) => {
      const box = node.getBoundingClientRect();
      const scale = sprite.width / box.width;
      const [t, w] = sprite.tile;
      const column = Math.floor(((event.clientX - box.left) * scale) / (w + sprite.gap));
      const n = Math.floor(((event.clientY - box.top) * scale) / (t + sprite.gap)) * grid.columns + column;
      return column >= 0 && column < grid.columns && n >= 0 && n < numbers.length ? n : -1;
    };
    node.addEventListener("pointermove", (event) => { const n = at(event); this.mark(this.hovers, n); this.say(n); });
    node.addEventListener("pointerleave", () => { this.mark(this.hovers, -1); this.say(-1); });
    node.addEventListener("click", (event) => this.choose(at(event)));
    node.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.columns, ArrowUp: -grid.columns }[event.key];
      if (!step) return;
      event.preventDefault();
      this.choose(grid.channels.indexOf(grid.chosen) + step);
    });
    return node;
  }

  choose(n) {
    const channel = this.data.grid.channels[n];
    if (channel === undefined) return;
    this.mark(this.chosen, n);
    this.data.grid.chosen = channel;
    this.say(n);
    this.ask({ channel, view: "channel" });
  }

  mark(nodes, n) {
    nodes.forEach((node, side) => {
      node.hidden = n < 0;
      if (n < 0) return;
      const { tile: [t, w], gap, width, height } = this.data.grid.sprites[side];
      const { columns } = this.data.grid;
      Object.assign(node.style, { left: `${(((n % columns) * (w + gap)) / width) * 100}%`,
        top: `${((Math.floor(n / columns) * (t + gap)) / height) * 100}%`, width: `${(w / width) * 100}%`, height: `${(t / height) * 100}%` });
    });
  }

  say(n) {
    const { channels, partners, correlations, shifts, count } = this.data.grid;
    if (n < 0) {
      const some = channels.length < count ? `The first ${channels.length} of ${count} channels` : `${count} channels`;
      this.said.textContent = shifts ? `${some}, the same ones on both sides, each with one scale for both. Choose one to see it above.`
        : `${some}, each beside the channel of the other network that answers most alike. Choose one to see it above.`;
      return;
    }
    const r = correlations[n] === null ? "no correlation can be told" : `correlation ${correlations[n].toFixed(2)}`;
    this.said.textContent = shifts ? `Channel ${channels[n]}: ${r}, its mean changes by ${shifts[n]} deviations.`
      : `Channel ${channels[n]} beside channel ${partners[n]}: ${r}.`;
  }
}

/** A number with three significant digits. */
function few(value) {
  return String(Number(value.toPrecision(3)));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".explorer-compare");
  node.view ??= new Compare(node);
  node.view.update(data, (change) => setTriggerValue("asked", change));
}
