// The answer in words, a few times a second: more often nobody could read it.

const WORDS_EVERY_MS = 250;

class AnswerPanel {
  constructor(node, plurals) {
    this.plurals = plurals;
    this.headline = h("h3", { class: "headline" });
    this.list = h("ul", { class: "rows" });
    node.replaceChildren(this.headline, this.list);
    this.shown = 0;
  }

  show(head, legend, now) {
    if (now - this.shown < WORDS_EVERY_MS) return null;
    this.shown = now;
    const [text, rows] = this[head.task](head, legend);
    this.headline.textContent = text;
    this.list.replaceChildren(...rows.slice(0, 10).map(([color, name, value, words]) => h("li", { class: "line" },
      h("span", { class: "swatch", style: { background: color } }), h("span", { class: "name", text: name }),
      h("span", { class: "meter", "aria-hidden": "true" }, h("i", { style: { width: `${clamp(value, 0, 1) * 100}%`, background: color } })),
      h("span", { class: "num", text: words }))));
    return text;
  }

  clear() {
    this.headline.textContent = "";
    this.list.replaceChildren();
  }

  many(name) { return this.plurals[name] ?? `${name}s`; }

  detect({ items }, { classes, colors }) {
    const counts = new Map();
    for (const [, , , , , kind] of items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const text = [...counts].map(([kind, n]) => counted(n, classes[kind], this.many(classes[kind]))).join(", ");
    const rows = items.map(([, , , , s, kind, number]) => [colors[kind % colors.length], numbered(classes[kind], number), s, score(s)]);
    return [text || "Nothing that this network knows", rows];
  }

  pose({ items }, { jointColors }) {
    const rows = items.map(([, , , , s, number], i) => [jointColors[0], numbered("person", number > 0 ? number : i + 1), s, score(s)]);
    return [items.length ? counted(items.length, "person", "people") : "Nobody is seen; step back until your shoulders show", rows];
  }

  segment({ items }, { classes, colors }) {
    const named = items.filter(([kind]) => classes[kind] !== "background");
    const rows = named.map(([kind, share]) => [colors[kind % colors.length], classes[kind], share, percent(share)]);
    return [named.slice(0, 3).map(([kind, share]) => `${classes[kind]} ${percent(share)}`).join(", ") || "Only background", rows];
  }

  classify({ items }) {
    const [, name, p] = items[0];
    return [`${p < 0.3 ? "Perhaps " : ""}${name} ${percent(p)}`, items.map(([, each, value]) => ["var(--accent)", each, value, percent(value)])];
  }
}

/** A layer's channels as tiles; one of them may be laid over the picture. */
class MapStrip {
  constructor(node, onpick) {
    this.node = node;
    this.tiles = [];
    this.chosen = -1;
    this.caption = h("p", { class: "caption" });
    this.grid = h("div", { class: "tiles", role: "group", "aria-label": "Channels; choose one to lay it over the picture" });
    this.onpick = onpick;
    node.replaceChildren(this.caption, this.grid);
  }

  show({ maps }, picture, legend) {
    this.node.hidden = !legend?.layer;
    if (this.node.hidden) { this.chosen = -1; return; }
    if (!maps || !picture) { this.caption.textContent = "The network was shown nobody in this frame."; return; }
    const [tall, wide] = maps.tile;
    if (this.tiles.length !== maps.channels.length) this.make(maps.channels.length);
    const [c, high, broad] = maps.shape;
    this.caption.textContent = `${legend.layer}: the ${maps.channels.length} liveliest of ${c} channels, ${broad} × ${high} cells each. Choose one to lay it over the picture.`;
    this.tiles.forEach(({ button, canvas, name }, i) => {
      if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
      canvas.getContext("2d").drawImage(picture, i * wide, 0, wide, tall, 0, 0, wide, tall);
      name.textContent = maps.channels[i];
      button.setAttribute("aria-pressed", String(i === this.chosen));
    });
  }

  make(count) {
    this.tiles = Array.from({ length: count }, (_, i) => {
      const canvas = h("canvas", { "aria-hidden": "true" });
      const name = h("span", { class: "caption" });
      const button = h("button", { class: "tile", type: "button", "aria-pressed": "false",
        onclick: () => { this.chosen = this.chosen === i ? -1 : i; this.onpick(); } }, canvas, h("span", { class: "visually-hidden", text: "Channel" }), name);
      return { button, canvas, name };
    });
    this.grid.replaceChildren(...this.tiles.map(({ button }) => button));
  }
}
