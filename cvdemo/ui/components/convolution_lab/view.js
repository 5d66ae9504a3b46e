// Convolution by hand. The numbers under the frame are worked out here, at once; the whole pictures come from Python.

class ConvolutionLab {
  constructor(node) {
    this.node = node;
    this.stamp = 0;
    this.report = debounce(() => this.send("settings", { key: this.data.key, stamp: this.stamp, ...this.settings }), 150);
  }

  update(data, send) {
    this.send = send;
    if (this.data === data) return;
    const fresh = this.data?.key !== data.key;
    this.data = data;
    if (fresh) this.begin();
    else this.arrived();
  }

  begin() {
    const { good, ...settings } = this.data.initial;
    this.settings = settings;
    this.stamp = this.data.echo;
    this.focus = null;
    this.build();
    this.pixels = null;
    const source = h("img", { src: this.data.picture.src });
    const { key, picture } = this.data;
    source.decode().then(() => {
      if (this.data.key !== key) return;
      const canvas = h("canvas", { width: picture.width, height: picture.height });
      const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
      context.drawImage(source, 0, 0);
      this.pixels = context.getImageData(0, 0, picture.width, picture.height).data;
      this.render();
    }, () => {});
    this.arrived();
  }

  build() {
    const { data, settings } = this;
    this.kernel = new KernelEditor(data.presets, settings, (change) => this.set(change));
    this.sum = new SumPanel();
    this.problem = h("p", { class: "problem", role: "status" });
    const choice = (label, name, options, help) => h("div", { class: "control", title: help }, h("span", { text: label }),
      segmented(label, options, String(settings[name]), (value) => this.set({ [name]: Number(value) })));
    const band = h("div", { class: "band" }, this.kernel.table, h("div", { class: "beside" }, this.kernel.chips,
      h("div", { class: "options" },
        h("div", { class: "control" }, h("span", { text: "Size" }), this.kernel.size),
        choice("Stride", "stride", [1, 2, 3].map((n) => [String(n), String(n)]), "How many cells the kernel moves on at a time"),
        choice("Padding", "padding", [0, 1, 2].map((n) => [String(n), String(n)]), "How many rows of zeros surround the picture")),
      this.problem));
    const steps = this.steps();
    this.node.replaceChildren(band, h("div", { class: "steps shots" }, ...steps.map(({ node }) => node)), this.sum.node,
      h("div", { class: "steps" }, ...steps.map(({ numbers }) => numbers)), this.colours());
  }

  steps() {
    const { settings } = this;
    const channel = segmented("Numbers of", [["grey", "Grey"], ["red", "R"], ["green", "G"], ["blue", "B"]], settings.channel,
      (value) => this.set({ channel: value }));
    channel.title = "Which grid of numbers the kernel slides over; grey is 0.299 R + 0.587 G + 0.114 B";
    const rectify = tick("On", "Negative numbers become 0", { checked: settings.rectify, onchange: (v) => this.set({ rectify: v }) });
    const pool = segmented("Max-pool window", [["0", "Off"], ["2", "2 × 2"], ["3", "3 × 3"]], String(settings.pool),
      (value) => this.set({ pool: Number(value) }));
    const grid = (label, step) => {
      const made = new NumberGrid(label, { point: (i, j) => this.point(step, i, j), pick: (i, j) => this.pick(step, i, j) });
      made.node.addEventListener("keydown", (event) => this.walk(step, event));
      return made;
    };
    const drag = (y, x, done) => this.drag(y, x, done);
    this.columns = {
      input: new StepColumn("Picture", channel, "Drag the frame, or click where it should be", grid("Picture", "input"), drag),
      conv: new StepColumn("Convolution", null, "Sums of products of the kernel and what lies under it", grid("Convolution", "conv"), drag),
      relu: new StepColumn("ReLU", rectify, "Keeps positive numbers and makes negative ones 0", grid("After ReLU", "relu"), drag),
      pool: new StepColumn("Max-pool", pool, "Keeps the largest number of each window", grid("After max-pool", "pool"), drag),
    };
    return Object.values(this.columns);
  }

  colours() {
    const on = { point: (i, j) => this.pointColour(i, j) };
    this.patches = Object.fromEntries(["colour", "red", "green", "blue"].map((name) => [name, new NumberGrid(name, on)]));
    const titles = { colour: "The pixels under the frame", red: "Red", green: "Green", blue: "Blue" };
    this.mixed = h("p", { class: "caption", "aria-live": "off" });
    return h("section", { class: "colours", "aria-label": "Red, green and blue of the patch" },
      h("h2", { text: "The same patch in red, green and blue" }),
      h("p", { class: "caption", text: "A colour picture is three grids of numbers from 0 to 255. A network's first layer has one kernel "
        + "for each of the three and adds their results." }),
      h("div", { class: "steps" }, ...Object.entries(this.patches).map(([name, grid]) => h("section", { class: "step", "aria-label": titles[name] },
        h("div", { class: "head" }, h("h3", { text: titles[name] })), grid.node, name === "colour" ? this.mixed : null))));
  }

  /** New pictures of the steps from Python. */
  arrived() {
    const { steps, problem, picture, echo } = this.data;
    if (echo === this.stamp) this.node.classList.remove("busy");
    this.problem.textContent = problem ?? "";
    const size = ({ width, height }) => `${width} × ${height}`;
    const range = (step) => `${size(step)} · black ${short(step.low)}, white ${short(step.high)}`;
    const off = { conv: "Nothing to show", relu: this.settings.rectify ? "Nothing to show" : "Off", pool: this.settings.pool ? "Nothing to show" : "Off" };
    this.columns.input.show(picture, `${picture.name}, the picture worked on`, `${size(picture)} pixels`, "");
    for (const name of ["conv", "relu", "pool"]) {
      const step = steps[name] ?? null;
      this.columns[name].show(step, `${picture.name} after ${this.columns[name].title}`, step ? range(step) : "", off[name]);
    }
    this.render();
  }

  set(change) {
    Object.assign(this.settings, change);
    this.stamp += 1;
    this.node.classList.add("busy");
    this.render();
    this.report();
  }

  drag(y, x, done) {
    const { width, height } = this.data.picture;
    this.settings.at = [clamp(Math.floor(y * height), 0, height - 1), clamp(Math.floor(x * width), 0, width - 1)];
    if (!this.waiting) {
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.render(); });
    }
    if (done) { this.stamp += 1; this.report(); }
  }

  /** Work out every number under the frame and draw it. */
  render() {
    if (!this.pixels) return;
    const { settings, data: { picture } } = this;
    const kernel = this.kernel.weights;
    this.read = planeOf(this.pixels, picture.width, picture.height, settings.channel);
    this.frame = frameOf(picture, settings, kernel.length, settings.at);
    const { rows, columns } = this.frame;
    const conv = Array.from({ length: rows.results }, (_, i) => Array.from({ length: columns.results }, (__, j) =>
      convolve(this.read, kernel, rows.start + i * settings.stride, columns.start + j * settings.stride)));
    const relu = settings.rectify ? conv.map((row) => row.map((v) => Math.max(0, v))) : null;
    const last = relu ?? conv;
    const pooled = Array.from({ length: rows.pools }, (_, i) => Array.from({ length: columns.pools }, (__, j) =>
      Math.max(...windowOf(last, i, j, settings.pool))));
    this.values = { conv, relu, pool: settings.pool ? pooled : null };
    this.drawInput();
    this.drawResults();
    this.drawColours();
    this.light(false);
  }

  drawInput() {
    const { settings, frame: { rows, columns }, data: { picture } } = this;
    const tint = (v) => (settings.channel === "grey" ? rgb(v, v, v) : tinted(v, settings.channel));
    this.columns.input.grid.update(rows.seen, columns.seen, (i, j) => {
      const [y, x] = [rows.start + i, columns.start + j];
      const v = this.read(y, x);
      return { text: String(v), fill: tint(v), outside: y < 0 || x < 0 || y >= picture.height || x >= picture.width };
    });
    this.columns.input.frame(Math.max(0, rows.start), Math.max(0, columns.start),
      Math.min(rows.seen, picture.height), Math.min(columns.seen, picture.width));
  }

  drawResults() {
    const { data: { steps }, frame: { rows, columns }, settings, values } = this;
    const spare = steps.conv ?? { low: 0, high: 255 };
    for (const name of ["conv", "relu", "pool"]) {
      const table = values[name];
      const shown = steps[name] ?? (name === "conv" ? spare : { low: 0, high: spare.high });
      const across = name === "pool" ? columns.pools : columns.results;
      this.columns[name].grid.update(table ? table.length : 0, table ? across : 0,
        (i, j) => ({ text: short(table[i][j]), fill: grey(table[i][j], shown.low, shown.high) }));
      const by = name === "pool" ? settings.pool || 1 : 1;
      this.columns[name].frame(rows.first / by, columns.first / by, table?.length ?? 0, table?.length ? across : 0);
    }
  }

  drawColours() {
    const { frame: { rows, columns }, data: { picture } } = this;
    const y0 = Math.max(0, rows.start);
    const x0 = Math.max(0, columns.start);
    const high = Math.min(rows.seen, picture.height - y0);
    const wide = Math.min(columns.seen, picture.width - x0);
    this.rgbAt = (i, j) => [0, 1, 2].map((c) => this.pixels[4 * ((y0 + i) * picture.width + x0 + j) + c]);
    this.patches.colour.update(high, wide, (i, j) => ({ text: "", fill: rgb(...this.rgbAt(i, j)) }));
    ["red", "green", "blue"].forEach((name, c) => this.patches[name].update(high, wide, (i, j) => {
      const v = this.rgbAt(i, j)[c];
      return { text: String(v), fill: tinted(v, name) };
    }));
    this.pointColour(null);
  }

  pointColour(i, j) {
    const none = i === null || i === undefined;
    for (const grid of Object.values(this.patches)) grid.light((a, b) => !none && a === i && b === j);
    this.mixed.textContent = none ? "Point at a pixel to read its three numbers." : `R ${this.rgbAt(i, j)[0]} · G ${this.rgbAt(i, j)[1]} · B ${this.rgbAt(i, j)[2]}`;
  }

  /** The cell that is explained: under the pointer, else the picked one, else the middle. */
  current() {
    const { rows, columns } = this.frame;
    const wanted = this.hover ?? this.focus ?? { step: "conv", i: rows.results >> 1, j: columns.results >> 1 };
    const table = this.values[wanted.step] ?? this.values.conv;
    const step = this.values[wanted.step] ? wanted.step : "conv";
    if (!table?.length || !table[0].length) return null;
    return { step, i: clamp(wanted.i, 0, table.length - 1), j: clamp(wanted.j, 0, table[0].length - 1) };
  }

  /** In the input, the cell whose window is centred there. */
  cellOf(step, i, j) {
    if (step !== "input") return { step, i, j };
    const { stride } = this.settings;
    const half = (this.kernel.weights.length - 1) / 2;
    return { step: "conv", i: Math.round((i - half) / stride), j: Math.round((j - half) / stride) };
  }

  point(step, i, j) {
    const next = i === null ? null : this.cellOf(step, i, j);
    if (JSON.stringify(next) === JSON.stringify(this.hover ?? null)) return;
    this.hover = next;
    this.light(false);
  }

  pick(step, i, j) {
    this.focus = this.cellOf(step, i, j);
    this.light(true);
  }

  walk(step, event) {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const now = this.current();
    if (!by || !now) return;
    event.preventDefault();
    this.hover = null;
    const wanted = step === "input" ? "conv" : step;
    const from = now.step === wanted ? now : { i: 0, j: 0 };
    this.focus = { step: wanted, i: from.i + by[0], j: from.j + by[1] };
    this.focus = this.current();
    this.light(true);
  }

  /** Light the chosen cell and everything it was made of, and spell its sum out. */
  light(aloud) {
    if (!this.frame) return;
    const at = this.current();
    const { stride, pool } = this.settings;
    const side = this.kernel.weights.length;
    const inside = (first, count) => (n) => n >= first && n < first + count;
    const span = at?.step === "pool" ? pool : 1;
    const block = at ? [at.i * span, at.j * span] : [-9, -9];
    const [row, column] = block.map((n) => inside(n, span));
    const reach = (span - 1) * stride + side;
    const [top, left] = block.map((n) => inside(n * stride, reach));
    this.columns.input.grid.light((i, j) => top(i) && left(j));
    for (const name of ["conv", "relu"]) this.columns[name].grid.light((i, j) => row(i) && column(j));
    const pooled = pool ? [Math.floor(block[0] / pool), Math.floor(block[1] / pool)] : [-9, -9];
    this.columns.pool.grid.light((i, j) => i === pooled[0] && j === pooled[1]);
    if (at) this.explain(at, aloud);
    else this.sum.empty("The kernel does not fit into this picture.");
  }

  explain(at, aloud) {
    const { settings, frame: { rows, columns }, values } = this;
    const last = values.relu ?? values.conv;
    let [i, j] = [at.i, at.j];
    const after = [];
    if (at.step === "pool") {
      // The product shown is that of the window's winner.
      const cells = windowOf(last, i, j, settings.pool);
      const best = cells.indexOf(Math.max(...cells));
      after.push(`Max-pool keeps ${short(cells[best])}, the largest of ${cells.map(short).join(", ")}.`);
      [i, j] = [i * settings.pool + Math.floor(best / settings.pool), j * settings.pool + (best % settings.pool)];
    }
    const sum = values.conv[i][j];
    if (values.relu) after.unshift(sum < 0 ? "ReLU makes it 0." : "ReLU keeps it.");
    const [y, x] = [rows.start + i * settings.stride, columns.start + j * settings.stride];
    const weights = this.kernel.weights;
    this.sum.show({
      where: `Row ${rows.first + i + 1}, column ${columns.first + j + 1} of the result: the outlined numbers times the kernel, added up`,
      typed: this.kernel.cells.map((line, a) => line.map((text, b) => (Number.isNaN(weightOf(text)) ? String(weights[a][b]) : plain(text)))),
      weights, sum, after,
      numbers: weights.map((line, a) => line.map((_, b) => this.read(y + a, x + b))),
    }, aloud);
  }

  dispose() {
    setTimeout(() => { if (!this.node.isConnected) this.report.cancel(); }, 0);
  }
}

/** The numbers of the pooling window (i, j). */
function windowOf(table, i, j, side) {
  return table.slice(i * side, (i + 1) * side).flatMap((row) => row.slice(j * side, (j + 1) * side));
}

export default function (component) {
  const node = component.parentElement.querySelector(".lab");
  node.lab ??= new ConvolutionLab(node);
  node.lab.update(component.data, component.setStateValue);
  return () => node.lab.dispose();
}
