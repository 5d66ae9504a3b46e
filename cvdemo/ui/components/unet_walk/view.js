// The U of a U-Net with real maps in it: down on the left, up on the right, and the skips between as switches.

class UnetWalk {
  constructor(root) {
    this.root = root;
    this.u = root.querySelector(".u");
    this.outcome = root.querySelector(".outcome");
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.off = new Set(data.off);
    this.root.style.setProperty("--ratio", data.ratio.toFixed(4));
    this.root.classList.remove("pending");
    const focused = this.root.getRootNode().activeElement?.dataset?.stride;
    this.drawU();
    this.drawOutcome();
    if (focused) this.u.querySelector(`.skip[data-stride="${focused}"]`)?.focus();
  }

  drawU() {
    const { rows, bottom } = this.data;
    const parts = [];
    rows.forEach((row, level) => {
      if (level) parts.push(way("↓"), h("span", {}), way("↑"));
      parts.push(cell(row.encoder, level, row.stride === 1), row.skip ? this.skip(row.stride) : h("span", {}),
        row.decoder ? cell(row.decoder, level) : h("p", { class: "caption cell", text: "Class scores, enlarged twice" }));
    });
    parts.push(h("div", { class: "bottom" }, way("↘"), cell(bottom, rows.length), way("↗")));
    this.u.replaceChildren(...parts);
  }

  skip(stride) {
    const on = !this.off.has(stride);
    return h("button", {
      type: "button", class: "skip", role: "switch", "aria-checked": String(on), "data-stride": stride,
      "aria-label": `Skip connection at stride ${stride}`, title: on ? "Silence this skip" : "Let this skip speak again",
      onclick: () => this.ask(on ? [...this.off, stride] : [...this.off].filter((each) => each !== stride)),
    }, h("span", { class: "name", text: `skip ${stride}` }), h("span", { class: "line", "aria-hidden": "true" }),
    h("span", { class: "state", text: on ? "on" : "silent" }));
  }

  drawOutcome() {
    const { mask, said, legend, rows } = this.data;
    const skips = rows.filter(({ skip }) => skip).map(({ stride }) => stride);
    this.outcome.replaceChildren(
      h("h4", { text: said[0], "aria-live": "polite" }), h("p", { class: "caption", text: said[1] }),
      h("div", { class: "shot" }, h("img", { src: mask.src, alt: mask.alt })),
      h("div", { class: "switches" },
        h("button", { type: "button", class: "push", text: "All skips on", disabled: !this.off.size, onclick: () => this.ask([]) }),
        h("button", { type: "button", class: "push", text: "All silent", disabled: this.off.size === skips.length, onclick: () => this.ask(skips) })),
      h("ul", { class: "legend", "aria-label": "Classes" }, ...legend.map(({ name, color }) => h("li", {},
        h("span", { class: "swatch", style: { background: color } }), h("span", { text: name })))));
  }

  /** The switch moves at once; the mask follows when the network has run. */
  ask(off) {
    this.off = new Set(off);
    const focused = this.root.getRootNode().activeElement?.dataset?.stride;
    this.drawU();
    if (focused) this.u.querySelector(`.skip[data-stride="${focused}"]`)?.focus();
    this.root.classList.add("pending");
    this.send("asked", { key: this.data.key, off });
  }
}

function cell({ src, text, size }, level, photo) {
  const figure = h("figure", { class: photo ? "cell photo" : "cell" }, h("img", { src, alt: "" }),
    h("figcaption", { text }, size ? h("span", { text: size }) : null));
  figure.style.setProperty("--level", level);
  return figure;
}

function way(arrow) {
  return h("span", { class: "way", "aria-hidden": "true", text: arrow });
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".walk");
  root.view ??= new UnetWalk(root);
  root.view.update(data, setStateValue);
}
