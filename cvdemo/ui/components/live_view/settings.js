// What the visitor may change while it runs. The server is told the part that concerns it.

const TASKS = [["pose", "Pose"], ["detect", "Detect"], ["segment", "Segment"], ["classify", "Classify"]];
const BEGIN = {
  model: "", side: 0, score: -1, classes: null, smooth: true, track: true, layer: "", channels: 12, pick: 0,
  joint: 0.3, opacity: 0.55, mirror: null,
};
const TO_SERVER = ["model", "side", "score", "classes", "smooth", "track", "layer", "channels", "pick"];

class SettingsPanel {
  /** onchange(choice, concernsServer) */
  constructor(node, models, kept, onchange) {
    this.node = node;
    this.models = models;
    this.onchange = onchange;
    this.choice = { ...BEGIN, ...kept };
    if (!models.some(({ name }) => name === this.choice.model)) this.choice.model = models[0].name;
    this.build();
  }

  get model() { return this.models.find(({ name }) => name === this.choice.model); }

  forServer() { return Object.fromEntries(TO_SERVER.map((name) => [name, this.choice[name]])); }

  set(fields) {
    Object.assign(this.choice, fields);
    this.onchange(this.choice, Object.keys(fields).some((name) => TO_SERVER.includes(name)));
  }

  build() {
    const tasks = TASKS.filter(([task]) => this.models.some((model) => model.task === task));
    this.task = segmented("Task", tasks, this.model.task, (task) => this.go(this.models.find((m) => m.task === task).name));
    this.names = choiceOf("Network", () => this.go(this.names.value));
    this.sides = choiceOf("Input size", () => this.set({ side: Number(this.sides.value) }));
    this.note = h("p", { class: "caption" });
    this.score = slider("Score", "Lowest score shown", {
      min: 0.05, max: 0.95, step: 0.01, value: 0.3, show: score, oninput: (v) => this.set({ score: v }) });
    this.joint = slider("Joints", "Lowest score of a joint drawn", {
      min: 0, max: 0.9, step: 0.05, value: this.choice.joint, show: score, oninput: (v) => this.set({ joint: v }) });
    this.opacity = slider("Mask", "Opacity of the mask", {
      min: 0, max: 1, step: 0.05, value: this.choice.opacity, show: percent, oninput: (v) => this.set({ opacity: v }) });
    this.smooth = tick("Smooth", "", { checked: this.choice.smooth, onchange: (v) => this.set({ smooth: v }) });
    this.track = tick("Numbers", "A thing keeps its number from frame to frame (ByteTrack)", {
      checked: this.choice.track, onchange: (v) => this.set({ track: v }) });
    this.classes = choiceOf("Classes", () => this.addClass(this.classes.value));
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Only these classes" });
    this.maps = tick("Feature maps", "A layer's liveliest channels as a moving strip; slower, for the network then runs layer by layer", {
      checked: Boolean(this.choice.layer), onchange: (on) => this.set({ layer: on ? "auto" : "", pick: this.choice.pick }) });
    this.layers = choiceOf("Layer", () => this.set({ layer: this.layers.value }));
    this.anew = h("button", { class: "push", type: "button", text: "Pick channels anew",
      title: "Choose those that vary most right now", onclick: () => this.set({ pick: this.choice.pick + 1 }) });
    this.node.replaceChildren(this.task, row(this.names.label, this.sides.label), this.note, row(this.score, this.joint, this.opacity),
      row(this.smooth, this.track), row(this.classes.label, this.chips), row(this.maps, this.layers.label, this.anew));
    this.fill();
  }

  /** Over to another network; what belonged to the old one goes back to its beginning. */
  go(name) {
    const layer = this.choice.layer ? "auto" : "";
    this.choice.model = name;
    this.legend = null;
    this.fill();
    this.set({ model: name, side: 0, score: -1, classes: null, layer });
  }

  /** Bring the controls in line with the network chosen. */
  fill() {
    const { task, sides, side, trained } = this.model;
    this.task.set(task);
    this.score.set(this.choice.score < 0 ? this.model.score : this.choice.score);
    this.names.fill(this.models.filter((m) => m.task === task).map(({ name, title }) => [name, title]), this.choice.model);
    this.sides.fill(sides.map((s) => [s, `${s} px${s === trained ? " (full)" : ""}`]), this.choice.side || side);
    this.sides.label.hidden = sides.length < 2;
    this.score.hidden = !["detect", "pose"].includes(task);
    this.joint.hidden = task !== "pose";
    this.opacity.hidden = task !== "segment";
    this.smooth.hidden = !["pose", "classify"].includes(task);
    this.smooth.title = task === "pose" ? "Joints pass through the One-Euro filter: calm at rest, prompt in motion"
      : "Probabilities are averaged over about half a second";
    this.track.hidden = !["detect", "pose"].includes(task);
    this.fillClasses();
    this.fillLayers();
  }

  /** The server says what holds now. instead: of what was asked for, which it could not do. */
  ready(legend, instead) {
    this.legend = legend;
    if (instead) {
      Object.assign(this.choice, { model: legend.model, side: legend.side, score: -1, classes: null });
      this.fill();
    }
    this.choice.layer = legend.layer;
    this.score.set(legend.score);
    const smaller = legend.side < legend.trained;
    const parts = [];
    if (smaller) parts.push(`Runs at ${legend.side} pixels instead of ${legend.trained}: faster, and blind to smaller things.`);
    if (legend.follows) parts.push("People are searched once a second, up to four; in between each is followed by the joints.");
    this.note.textContent = parts.join(" ");
    this.sides.value = legend.side;
    this.fillClasses();
    this.fillLayers();
  }

  fillClasses() {
    const names = this.legend?.classes ?? [];
    const shown = this.choice.classes ?? [];
    this.classes.label.hidden = !names.length;
    this.classes.fill([["", shown.length ? "Add a class" : "All classes"], ...names.map((name, i) => [i, name])], "");
    this.chips.replaceChildren(...shown.map((i) => h("button", { class: "chip", type: "button", title: "Take it out",
      onclick: () => this.setClasses(shown.filter((each) => each !== i)) },
      h("span", { text: names[i] ?? `class ${i}` }), h("span", { "aria-hidden": "true", text: "×" }))));
  }

  addClass(value) {
    if (value !== "") this.setClasses([...new Set([...(this.choice.classes ?? []), Number(value)])]);
  }

  setClasses(classes) {
    this.choice.classes = classes.length ? classes : null;
    this.fillClasses();
    this.set({ classes: this.choice.classes });
  }

  fillLayers() {
    const layers = this.legend?.layers ?? [];
    const on = Boolean(this.choice.layer);
    this.maps.set(on);
    this.layers.label.hidden = this.anew.hidden = !on || !layers.length;
    this.layers.fill(layers.map(([name, , [c, tall, wide]]) => [name, `${name} · ${c} ch, ${wide} × ${tall}`]), this.choice.layer);
  }
}

function row(...children) {
  return h("div", { class: "row" }, ...children);
}

/** A labelled list to choose from; its .label goes into the page. */
function choiceOf(label, onchange) {
  const list = h("select", { "aria-label": label, onchange });
  list.label = h("label", { class: "control" }, h("span", { text: label }), list);
  list.fill = (options, value) => {
    list.replaceChildren(...options.map(([key, text]) => h("option", { value: key, text })));
    list.value = value;
  };
  return list;
}
