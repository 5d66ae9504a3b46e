// All channels of a layer as tiles of one picture; order, scale and page are asked of Python.

class Grid {
  constructor(node) {
    this.node = node;
  }

  update(data, ask) {
    this.ask = ask;
    if (this.data === data) return;
    const focused = this.grid?.matches(":focus");
    this.data = data;
    this.hover = h("div", { class: "mark hover", hidden: true });
    this.chosen = h("div", { class: "mark chosen", hidden: true });
    this.sprite = h("img", { src: data.sprite.src, width: data.sprite.width, height: data.sprite.height, draggable: "false",
      alt: `${data.sprite.channels.length} feature maps of ${data.layer}` });
    this.grid = h("div", { class: "grid", tabindex: "0", role: "group", "aria-label": "Channels; arrow keys choose one",
      style: { width: `min(100%, ${2 * data.sprite.width}px)` } }, this.sprite, this.hover, this.chosen);
    this.said = h("p", { class: "caption said", "aria-live": "polite" });
    this.node.replaceChildren(this.bar(), this.grid, this.said);
    this.listen();
    this.mark(this.chosen, data.chosen ? data.sprite.channels.indexOf(data.channel) : -1);
    this.say(-1);
    if (focused) this.grid.focus({ preventScroll: true });
  }

  bar() {
    const { data } = this;
    const select = h("select", { "aria-label": "Order of the channels", onchange: () => this.ask({ sort: select.value }) },
      ...data.sorts.map(([key, text]) => h("option", { value: key,
        text: key === "similarity" ? `Likeness to channel ${data.sort === key ? data.anchor : data.channel}` : text })));
    select.value = data.sort;
    const parts = [h("label", {}, h("span", { text: "Order" }), select),
      segmented("Scale of the colours", [["channel", "Own scale"], ["common", "One scale"]], data.scale, (scale) => this.ask({ scale }))];
    if (data.sort === "similarity" && data.channel !== data.anchor) {
      parts.push(h("button", { type: "button", class: "push", text: `Like ${data.channel}`,
        title: `Order by likeness to channel ${data.channel}`, onclick: () => this.ask({ sort: "similarity" }) }));
    }
    if (data.pages > 1) parts.push(this.pages());
    return h("div", { class: "bar" }, ...parts);
  }

  pages() {
    const { page, pages, first, channels, sprite } = this.data;
    const button = (text, label, to) => h("button", { type: "button", text, "aria-label": label,
      disabled: to < 0 || to >= pages, onclick: () => this.ask({ page: to }) });
    return h("span", { class: "pages" }, button("‹", "Previous page", page - 1),
      h("span", { text: `${first} to ${first + sprite.channels.length - 1} of ${channels}` }), button("›", "Next page", page + 1));
  }

  listen() {
    const at = (event) => {
      const box = this.sprite.getBoundingClientRect();
      const { columns, tile: [t, w], gap, channels, width } = this.data.sprite;
      const scale = width / box.width;
      const column = Math.floor(((event.clientX - box.left) * scale) / (w + gap));
      const n = Math.floor(((event.clientY - box.top) * scale) / (t + gap)) * columns + column;
      return column >= 0 && column < columns && n >= 0 && n < channels.length ? n : -1;
    };
    const { grid } = this;
    grid.addEventListener("pointermove", (event) => { const n = at(event); this.mark(this.hover, n); this.say(n); });
    grid.addEventListener("pointerleave", () => { this.mark(this.hover, -1); this.say(-1); });
    grid.addEventListener("click", (event) => this.choose(at(event)));
    grid.addEventListener("keydown", (event) => {
      const { columns, channels } = this.data.sprite;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (!step) return;
      event.preventDefault();
      this.choose(channels.indexOf(this.data.channel) + step);
    });
  }

  choose(n) {
    const channel = this.data.sprite.channels[n];
    if (channel === undefined) return;
    this.mark(this.chosen, n);
    this.data.channel = channel;
    this.ask({ channel, page: this.data.page });
  }

  mark(node, n) {
    node.hidden = n < 0;
    if (n < 0) return;
    const { columns, tile: [t, w], gap, width, height } = this.data.sprite;
    Object.assign(node.style, { left: `${(((n % columns) * (w + gap)) / width) * 100}%`,
      top: `${((Math.floor(n / columns) * (t + gap)) / height) * 100}%`, width: `${(w / width) * 100}%`, height: `${(t / height) * 100}%` });
  }

  /** What is under the pointer, or what the grid shows. */
  say(n) {
    const { channels, dead, low, high } = this.data.sprite;
    const silent = dead.length ? ` ${counted(dead.length, "channel says", "channels say")} nothing here (crossed out).` : "";
    this.said.textContent = n < 0 ? `${counted(this.data.channels, "channel", "channels")}. Bright is a strong answer.${silent}`
      : `Channel ${channels[n]}${dead.includes(channels[n]) ? ", says nothing here" : `: colours from ${short(low[n])} to ${short(high[n])}`}`;
  }
}

function short(value) {
  return String(Number(value.toPrecision(2)));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".explorer-grid");
  node.view ??= new Grid(node);
  node.view.update(data, (change) => setTriggerValue("asked", change));
}
