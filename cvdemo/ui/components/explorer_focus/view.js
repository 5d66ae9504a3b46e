// One channel, or the whole layer in one picture, over the visitor's picture; a chosen cell shows what it sees.

class Focus {
  constructor(node) {
    this.node = node;
    this.opacity = 0.8;
    this.cell = null;
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    if (this.data?.key !== data.key) this.cell = null;
    this.data = data;
    this.plane = data.plane ? new Plane(data.plane, data.colors) : null;
    this.size = data.plane ?? data.drawn;
    if (this.photo?.getAttribute("src") !== data.picture.src) {
      this.photo = h("img", { class: `photo${data.picture.tiny ? " tiny" : ""}`, src: data.picture.src, alt: data.picture.name, draggable: "false" });
    }
    const active = this.node.getRootNode().activeElement?.getAttribute("aria-label");
    this.build();
    if (active) this.node.querySelector(`[aria-label="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
    const first = data.peaks?.[0];
    this.choose(this.cell ?? (first ? { row: first.row, column: first.column } : { row: this.size.height >> 1, column: this.size.width >> 1 }));
  }

  build() {
    const { data } = this;
    this.map = this.plane ? h("canvas", { class: "map", role: "img" }) : h("img", { class: "map", src: data.drawn.src, alt: "" });
    this.plane?.draw(this.map);
    this.map.setAttribute("aria-label", data.view === "channel" ? `Channel ${data.channel} of ${data.layer} over the picture`
      : `${data.views.find(([key]) => key === data.view)[1]} of ${data.layer} over the picture`);
    this.frame(this.map, this.data.area).style.opacity = this.opacity;
    this.seen = h("div", { class: "seen", hidden: true });
    this.mark = h("div", { class: "cell" });
    const { width, height } = data.picture;
    this.large = h("div", { class: "large", tabindex: "0", role: "group", "aria-label": "Places on the picture; arrow keys choose a cell",
      style: { "--ratio": (width / height).toFixed(4) }, onclick: (event) => this.point(event), onkeydown: (event) => this.key(event) },
    this.photo, this.map, this.mark, this.seen);
    this.said = h("p", { class: "caption said", "aria-live": "polite" });
    this.numbers = h("div", {});
    this.node.replaceChildren(this.bar(), this.large, this.under(), this.said, h("div", { class: "more" }, ...this.cards()));
  }

  bar() {
    const { data } = this;
    const views = segmented("What is shown", data.views.map(([key, text]) => [key, text]), data.view, (view) => this.ask({ view }));
    data.views.forEach(([, , help], i) => { views.children[i].title = help; });
    const parts = [views];
    if (data.view === "clusters") {
      parts.push(segmented("Number of groups", data.groupChoices.map((n) => [String(n), `${n} groups`]), String(data.groups),
        (n) => this.ask({ groups: Number(n) })));
    }
    return h("div", { class: "bar" }, ...parts);
  }

  under() {
    const { data } = this;
    const parts = [];
    if (data.view === "channel") {
      const step = (by, text, label) => h("button", { type: "button", text, "aria-label": label,
        onclick: () => this.ask({ channel: (data.channel + by + data.channels) % data.channels }) });
      parts.push(h("div", { class: "steps" }, step(-1, "‹", "Previous channel"), h("span", { class: "title", text: `channel ${data.channel} of ${data.channels}` }),
        step(1, "›", "Next channel")));
    }
    parts.push(slider("Opacity", "How strongly the map covers the picture", { min: 0, max: 1, step: 0.05, value: this.opacity,
      show: (v) => `${Math.round(v * 100)} %`, oninput: (v) => { this.opacity = v; this.map.style.opacity = v; } }));
    if (this.plane) {
      parts.push(h("span", { class: "caption scale", title: "Values at the two ends of the colours" }, h("span", { text: few(this.plane.start) }),
        h("i", {}), h("span", { text: few(this.plane.end) })));
    }
    if (data.note) parts.push(h("span", { class: "caption", text: data.note }));
    if (data.legend) {
      parts.push(h("span", { class: "caption legend" }, ...data.legend.map(([name, color, share]) =>
        h("span", {}, h("i", { style: { background: color } }), `${name}: ${percent(share)}`))));
    }
    return h("div", { class: "under" }, ...parts);
  }

  cards() {
    const { data } = this;
    if (data.view !== "channel") return this.plane ? [this.numbers] : [];
    this.peaks = peaksCard(data.peaks, this.photo, 1, (peak) => this.patch(peak), (peak) => this.choose(peak));
    return [this.peaks, this.numbers, histogramCard(data.histogram, data.stats),
      ...(data.kernels ? [kernelsCard(data.kernels, data.channel, (channel) => this.ask({ channel }))] : [])];
  }

  /** Put an element over a part of the picture, given in picture pixels. */
  frame(node, [x1, y1, x2, y2]) {
    const { width, height } = this.data.picture;
    Object.assign(node.style, { left: `${(x1 / width) * 100}%`, top: `${(y1 / height) * 100}%`,
      width: `${((x2 - x1) / width) * 100}%`, height: `${((y2 - y1) / height) * 100}%` });
    return node;
  }

  cellBox({ row, column }) {
    const [x1, y1, x2, y2] = this.data.area;
    const w = (x2 - x1) / this.size.width;
    const t = (y2 - y1) / this.size.height;
    return [x1 + column * w, y1 + row * t, x1 + (column + 1) * w, y1 + (row + 1) * t];
  }

  /** The part of the picture that a cell sees, null where that is not known. */
  fieldBox({ row, column }) {
    const { field, picture } = this.data;
    if (!field) return null;
    const [top, bottom] = field.rows[row];
    const [left, right] = field.columns[column];
    return [clamp(left, 0, picture.width), clamp(top, 0, picture.height), clamp(right, 0, picture.width), clamp(bottom, 0, picture.height)];
  }

  patch(cell) {
    const [left, top, right, bottom] = this.fieldBox(cell) ?? this.cellBox(cell);
    const zoom = (this.photo.naturalWidth || this.data.picture.width) / this.data.picture.width;
    return { left: left * zoom, top: top * zoom, width: (right - left) * zoom, height: (bottom - top) * zoom };
  }

  point(event) {
    const box = this.large.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.data.picture.width;
    const y = ((event.clientY - box.top) / box.height) * this.data.picture.height;
    const [x1, y1, x2, y2] = this.data.area;
    this.choose({ row: Math.floor(((y - y1) / (y2 - y1)) * this.size.height), column: Math.floor(((x - x1) / (x2 - x1)) * this.size.width) });
  }

  key(event) {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!step || event.target !== this.large) return;
    event.preventDefault();
    this.choose({ row: this.cell.row + step[0], column: this.cell.column + step[1] });
  }

  choose({ row, column }) {
    this.cell = { row: clamp(row, 0, this.size.height - 1), column: clamp(column, 0, this.size.width - 1) };
    this.frame(this.mark, this.cellBox(this.cell));
    const box = this.fieldBox(this.cell);
    this.seen.hidden = !box;
    if (box) this.frame(this.seen, box);
    if (this.plane) this.numbers.replaceChildren(numbersCard(this.plane, this.cell));
    for (const tile of this.peaks?.querySelectorAll("button") ?? []) {
      tile.setAttribute("aria-pressed", String(tile.peak.row === this.cell.row && tile.peak.column === this.cell.column));
    }
    this.said.textContent = this.words();
  }

  words() {
    const { field } = this.data;
    const value = this.plane ? `: ${few(this.plane.at(this.cell.row, this.cell.column))}` : "";
    const place = `Row ${this.cell.row + 1} of ${this.size.height}, column ${this.cell.column + 1} of ${this.size.width}${value}.`;
    if (!field) return `${place} What it sees is not known.`;
    const gates = field.gated ? " Gates in between also tell it a little of everything else." : "";
    return field.whole ? `${place} It sees the whole of the network's input.`
      : `${place} It sees the ${field.words} pixels of the network's input in the white frame, as far as they lie on the picture.${gates}`;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".explorer-focus");
  node.view ??= new Focus(node);
  node.view.update(data, (change) => setTriggerValue("asked", change));
}
