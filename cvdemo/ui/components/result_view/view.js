// The result: picture, overlay, controls and answer, kept in step. Python sends every candidate once; thresholds,
// classes, opacity and highlighting are answered here, without the server, and reported to it when they rest.

class ResultView {
  constructor(node) {
    this.node = node;
    this.lit = null;
    this.report = debounce(() => this.send("settings", this.forPython()), 250);
    this.observer = new ResizeObserver(() => this.resized());
  }

  update(data, send, trigger) {
    this.send = send;
    this.trigger = trigger;
    if (this.data === data) return;
    const kept = this.data && this.data.key === data.key;
    this.data = data;
    if (!kept) { this.report.cancel(); this.lit = null; this.selected = data.initial.selected ?? null; }
    if (!kept || !this.settings) this.settings = this.fresh(data.initial);
    this.build();
  }

  fresh(initial) {
    const settings = { view: "result", score: 0, joint: 0, labels: true, paint: "fill", opacity: 0.55, fade: false, seen: false, only: [], ...initial };
    settings.shows = (item) => item.score >= settings.score && (!settings.only.length || settings.only.includes(item.classId));
    return settings;
  }

  build() {
    const { data } = this;
    const ratio = data.picture.width / data.picture.height;
    this.node.style.setProperty("--ratio", ratio.toFixed(4));
    this.node.toggleAttribute("data-wide", ratio > 2.3);
    this.node.toggleAttribute("data-alone", data.task === "classify");
    this.overlay = data.pending ? null : this.makeOverlay();
    // The same picture stays the same node: a new one would blink while it is decoded.
    const shown = this.image?.getAttribute("src") === data.picture.src;
    if (!shown) this.image = h("img", { src: data.picture.src, draggable: "false" });
    this.image.alt = data.picture.name;
    this.frame = h("div", { class: data.pending ? "frame result pending" : "frame result" }, this.image, ...(this.overlay?.nodes ?? []));
    this.frame.classList.toggle("tiny", data.picture.tiny);
    this.original = h("div", { class: "frame original", hidden: true },
      h("img", { src: data.picture.src, alt: `${data.picture.name}, the original` }), h("span", { class: "tag", text: "Original" }));
    this.frames = h("div", { class: "frames" }, this.original, this.frame);
    this.stage = h("div", { class: "stage" }, this.frames, this.controls());
    this.answer = data.task === "classify" || data.pending ? null : new Answer(data, this);
    const waiting = data.pending && data.task !== "classify"
      ? h("div", { class: "answer" }, h("p", { class: "caption", role: "status", text: data.pending })) : null;
    this.node.replaceChildren(...[this.stage, this.answer?.node ?? waiting].filter(Boolean));
    this.observer.disconnect();
    this.observer.observe(this.frame);
    this.pointer();
    this.apply();
  }

  makeOverlay() {
    if (this.data.mask) return new MaskOverlay(this.data, () => this.apply());
    if (this.data.seen) return new SeenOverlay(this.data);
    return this.data.items.length ? new ShapeOverlay(this.data) : null;
  }

  controls() {
    const { data, settings } = this;
    const bar = h("div", { class: "controls" });
    if (data.pending) return bar;
    const has = (name) => data.controls.includes(name);
    this.widgets = {};
    const add = (name, control) => { this.widgets[name] = control; bar.append(control); };
    if (has("view")) {
      add("view", segmented("View", [["result", "Result"], ["original", "Original"], ["side", "Side by side"]], settings.view,
        (value) => this.set("view", value)));
    }
    const range = (name, label, help, show) => {
      const [min, max, step] = data.limits[name];
      add(name, slider(label, help, { min, max, step, value: settings[name], show, oninput: (value) => this.set(name, value) }));
    };
    if (has("score")) range("score", "Score", "How sure the network must be. Lower shows more, and more mistakes.", score);
    if (has("joint")) range("joint", "Joint score", "Joints below this are not drawn.", score);
    if (has("paint")) {
      add("paint", segmented("Paint", [["fill", "Filled"], ["contour", "Contours"], ["doubt", "Uncertainty"]], settings.paint,
        (value) => this.set("paint", value)));
    }
    if (has("opacity")) range("opacity", "Opacity", "How strongly the colours cover the picture.", (v) => `${Math.round(v * 100)} %`);
    if (has("labels")) {
      add("labels", tick("Labels", "Names on the picture.", { checked: settings.labels, onchange: (v) => this.set("labels", v) }));
    }
    if (has("fade")) {
      add("fade", tick("Fade where unsure", "Colours pale where the network gives its class a low probability.",
        { checked: settings.fade, onchange: (v) => this.set("fade", v) }));
    }
    if (has("seen")) {
      add("seen", tick("What the network sees", "The network is shown only the middle of the picture.",
        { checked: settings.seen, onchange: (v) => this.set("seen", v) }));
    }
    if (document.fullscreenEnabled) bar.append(this.fullscreenButton());
    return bar;
  }

  fullscreenButton() {
    const arrows = h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" },
      h("path", { d: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" }));
    const toggle = () => (document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen());
    return h("button", { type: "button", class: "icon", "aria-label": "Full screen", title: "Full screen", onclick: toggle }, arrows);
  }

  /** Change one setting: everything follows at once, Python hears of it when it rests. */
  set(name, value) {
    this.settings[name] = value;
    if (name !== "view" && name !== "paint") this.widgets?.[name]?.set(value);
    if (name === "only" || name === "score") this.lit = null;
    this.apply();
    this.report();
  }

  forPython() {
    const { view, score: least, joint, labels, paint, opacity, fade, seen, only } = this.settings;
    return { key: this.data.key, view, score: least, joint, labels, paint, opacity, fade, seen, only };
  }

  select(id) {
    this.selected = this.selected === id ? null : id;
    this.apply();
    this.send("selected", { key: this.data.key, id: this.selected });
  }

  /** Open the explanation of an item, a class, or one joint of a person. */
  why(id, joint) {
    this.trigger("why", { key: this.data.key, id, joint });
  }

  toggleClass(classId) {
    const { only } = this.settings;
    this.set("only", only.includes(classId) ? only.filter((id) => id !== classId) : [...only, classId]);
  }

  itemsOfClass(classId) {
    const found = this.data.items.filter((item) => item.classId === classId && this.settings.shows(item));
    return found.length ? { items: found.map(({ id }) => id) } : null;
  }

  light(target) {
    const same = JSON.stringify(this.lit) === JSON.stringify(target);
    if (same) return;
    const moved = this.lit && target && this.lit.classId !== undefined && this.lit.classId === target.classId;
    this.lit = target;
    if (moved) this.overlay.point(target, this.frame);
    else this.apply();
  }

  /** What is lit now: what the pointer or focus is on, else the selected row. */
  shining() {
    if (this.lit) return this.lit;
    if (this.selected === null || this.selected === undefined) return null;
    if (this.data.mask) return { classId: this.selected };
    const item = this.data.items.find(({ id }) => id === this.selected);
    return item && this.settings.shows(item) ? { items: [item.id] } : null;
  }

  apply() {
    const { settings, node } = this;
    node.dataset.view = settings.view;
    if (settings.view === "result") this.held = this.frame.offsetHeight || this.held;
    if (this.held) node.style.setProperty("--held", `${this.held}px`);
    this.original.hidden = settings.view !== "side";
    const bare = settings.view === "original";
    for (const layer of this.overlay?.nodes ?? []) layer.style.visibility = bare ? "hidden" : "visible";
    const lit = this.shining();
    this.overlay?.apply(settings, lit, this.frame);
    if (this.data.mask) this.overlay?.point(lit, this.frame);
    this.answer?.apply(settings, lit, this.selected ?? null);
    if (this.answer) this.image.alt = `${this.data.picture.name}: ${this.answer.headline.textContent}`;
    else if (this.data.alt) this.image.alt = this.data.alt;
  }

  /** Name plates are placed in screen pixels, so they move when the frame changes its width. */
  resized() {
    if (this.frame.clientWidth === this.width) return;
    this.width = this.frame.clientWidth;
    this.apply();
  }

  pointer() {
    const find = (event) => {
      if (!this.overlay || this.settings.view === "original") return null;
      const box = this.frame.getBoundingClientRect();
      const scale = this.data.picture.width / box.width;
      return this.overlay.hit((event.clientX - box.left) * scale, (event.clientY - box.top) * scale, this.settings, 9 * scale);
    };
    this.frame.addEventListener("pointermove", (event) => this.light(find(event)));
    this.frame.addEventListener("pointerleave", () => this.light(null));
    this.frame.addEventListener("click", (event) => {
      const found = find(event);
      if (found?.at) this.light(found);  // a finger has not moved there before
      if (found) this.select(found.classId ?? found.items[0]);
      else if (this.selected !== null) this.select(this.selected);
    });
  }

  /** Streamlit also calls the clean-up of a run that a newer one overtook: let go only once off the page. */
  dispose() {
    setTimeout(() => {
      if (this.node.isConnected) return;
      this.report.cancel();
      this.observer.disconnect();
    }, 0);
  }
}

export default function (component) {
  const node = component.parentElement.querySelector(".view");
  node.view ??= new ResultView(node);
  node.view.update(component.data, component.setStateValue, component.setTriggerValue);
  return () => node.view.dispose();
}
