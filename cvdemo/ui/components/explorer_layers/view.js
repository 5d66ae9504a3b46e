// From picture to answer: a strip of stages, the chosen layer in words, and the tree of all layers.

class Layers {
  constructor(node) {
    this.tree = new Tree((name) => this.choose(name));
    this.stages = h("div", { class: "stages", role: "radiogroup", "aria-label": "Stage of the network" });
    this.name = h("span", { class: "name" });
    this.facts = h("span", { class: "caption facts" });
    this.find = h("input", { type: "search", placeholder: "Search layers", "aria-label": "Search layers",
      oninput: () => { this.open(true); this.tree.search(this.find.value); } });
    this.toggle = h("button", { type: "button", class: "push", "aria-expanded": "false", onclick: () => this.open(this.tree.node.hidden) });
    const step = (by, text, label) => h("button", { type: "button", text, "aria-label": label, title: label, onclick: () => this.step(by) });
    node.replaceChildren(this.stages, h("div", { class: "here" },
      h("span", { class: "steps" }, step(-1, "‹", "Previous layer"), step(1, "›", "Next layer")), this.name, this.facts,
      h("span", { class: "find" }, this.find, this.toggle)), this.tree.node);
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    const network = JSON.stringify([data.input, data.rows.map(({ name, shape }) => name + shape)]);
    this.data = data;
    if (network !== this.network) {
      this.network = network;
      this.tree.fill(data.rows, data.kinds);
      this.tree.search(this.find.value);
      this.open(!this.tree.node.hidden);
    }
    const scrolled = this.stages.scrollLeft;
    const focused = this.stages.contains(this.stages.getRootNode().activeElement);
    this.stages.replaceChildren(...data.stages.map((stage) => this.stageTile(stage)));
    this.stages.scrollLeft = scrolled;
    this.mark(data.current);
    if (focused) this.stages.querySelector("[aria-checked=true]")?.focus();
  }

  stageTile({ name, label, shape: [channels, height, width], src }) {
    const tile = h("button", { type: "button", class: "stage-tile", role: "radio", title: name, "data-name": name,
      "aria-label": `${name}: ${channels} channels of ${width} by ${height}`, onclick: () => this.choose(name) },
    h("span", { class: "map" }, h("img", { src, alt: "" })), h("span", { class: "name", text: label }),
    h("span", { class: "caption", text: `${width}×${height}, ${channels} ch` }));
    tile.addEventListener("keydown", (event) => {
      const way = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
      if (way && tile[way]) { event.preventDefault(); tile[way].focus(); tile[way].click(); }
    });
    return tile;
  }

  mark(name) {
    const row = this.data.rows.find((each) => each.name === name);
    const tiles = [...this.stages.children];
    for (const tile of tiles) {
      tile.setAttribute("aria-checked", String(tile.dataset.name === name));
      tile.tabIndex = tile.dataset.name === name ? 0 : -1;
    }
    if (tiles.length && tiles.every((tile) => tile.tabIndex < 0)) tiles[0].tabIndex = 0;
    this.tree.mark(name);
    this.name.textContent = name;
    const fact = (text, title) => text && h("span", { text, title });
    this.facts.replaceChildren(...[
      fact(`${row.kind}, ${row.module}`, this.data.kinds[row.kind]), fact(row.shape, "Channels, width and height of its output"),
      fact(row.stride && `stride ${row.stride}`, "Pixels of the input from one cell to the next"),
      fact(row.params && `${row.params} parameters`, "Weights that were learned"),
      fact(row.macs && `${row.macs} MACs`, "Multiply-adds for one picture"),
      fact(row.field && (row.field === "all" ? "sees the whole input" : `sees ${row.field} px`),
        `Receptive field: pixels of the ${this.data.input} input that one cell can see. ${this.data.guess}`)].filter(Boolean));
  }

  open(on) {
    this.tree.node.hidden = !on;
    this.toggle.setAttribute("aria-expanded", String(on));
    this.toggle.textContent = on ? "Close the tree" : `All ${this.data.rows.length} layers`;
    if (on) this.tree.mark(this.current ?? this.data.current);
  }

  step(by) {
    const maps = this.data.rows.filter((row) => row.map);
    const at = maps.findIndex((row) => row.name === (this.current ?? this.data.current));
    const next = maps[clamp(at + by, 0, maps.length - 1)];
    if (next) this.choose(next.name);
  }

  choose(name) {
    this.current = name;
    this.mark(name);
    this.ask({ layer: name });
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".explorer-layers");
  node.view ??= new Layers(node);
  node.view.current = null;
  node.view.update(data, (change) => setTriggerValue("asked", change));
}
