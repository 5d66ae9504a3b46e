// The kernel: presets, size, and a cell to type in for every weight.

class KernelEditor {
  /** changed(settings) is called with what is new of preset and cells. */
  constructor(presets, settings, changed) {
    this.presets = presets;
    this.changed = changed;
    this.chips = segmented("Kernel", presets.map(({ name, title }) => [name, title]), settings.preset, (name) => this.choose(name));
    this.chips.className = "chips";
    for (const chip of this.chips.children) chip.title = presets.find(({ name }) => name === chip.dataset.value).help;
    this.size = segmented("Kernel size", [["3", "3 × 3"], ["5", "5 × 5"]], String(settings.cells.length), (side) => this.resize(Number(side)));
    this.table = h("div", { class: "kernel", role: "group", "aria-label": "Weights of the kernel" });
    this.preset = settings.preset;
    this.fill(settings.cells);
  }

  fill(cells) {
    this.cells = cells.map((row) => [...row]);
    this.table.style.setProperty("--columns", cells.length);
    this.table.replaceChildren(...this.cells.flatMap((row, i) => row.map((text, j) => this.cell(text, i, j))));
    this.accept();
  }

  cell(text, i, j) {
    const input = h("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", maxlength: "20",
      "aria-label": `Weight in row ${i + 1}, column ${j + 1}` });
    input.value = plain(text);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("input", () => this.type(input, i, j));
    input.addEventListener("keydown", (event) => {
      const to = { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], Enter: [i + 1, j] }[event.key];
      const next = to && this.table.children[to[0] * this.cells.length + to[1]];
      if (next) { event.preventDefault(); next.focus(); }
    });
    return input;
  }

  type(input, i, j) {
    this.cells[i][j] = input.value;
    this.preset = this.presets.find(({ cells }) => JSON.stringify(cells[this.cells.length]) === JSON.stringify(this.cells))?.name ?? "custom";
    this.chips.set(this.preset);
    if (this.preset === "custom") this.chips.children[0].tabIndex = 0;
    this.accept();
    this.tell();
  }

  choose(name) {
    this.preset = name;
    this.fill(this.presets.find((known) => known.name === name).cells[this.cells.length]);
    this.tell();
  }

  /** Another size: a preset's own kernel of it; one typed by hand is framed with zeros or cut to its middle. */
  resize(side) {
    const known = this.presets.find(({ name }) => name === this.preset);
    const shift = (side - this.cells.length) / 2;
    this.fill(known ? known.cells[side] : Array.from({ length: side },
      (_, i) => Array.from({ length: side }, (__, j) => this.cells[i - shift]?.[j - shift] ?? "0")));
    this.tell();
  }

  /** Numbers of the cells; those that are none are marked, and the last good kernel goes on. */
  accept() {
    const weights = this.cells.map((row) => row.map(weightOf));
    const largest = Math.max(...weights.flat().map((w) => Math.abs(w) || 0)) || 1;
    [...this.table.children].forEach((input, n) => {
      const weight = weights.flat()[n];
      input.setAttribute("aria-invalid", String(Number.isNaN(weight)));
      input.style.setProperty("--share", `${Math.round((55 * Math.abs(weight || 0)) / largest)}%`);
      input.dataset.sign = weight < 0 ? "minus" : weight > 0 ? "plus" : "none";
    });
    if (!weights.flat().some(Number.isNaN)) this.weights = weights;
  }

  tell() {
    this.changed({ preset: this.preset, cells: this.cells });
  }
}
