// The layer tree as a table: search, choose with a click, Enter or the arrow keys.

const COLUMNS = [["Layer", "", ""], ["Kind", "wide", "Stage, block or layer"], ["Type", "wide", "The module's class"],
  ["Output", "num", "Channels, width and height of what it puts out"],
  ["Stride", "num", "Pixels of the input from one cell to the next"],
  ["Parameters", "num wide", "Weights that were learned"], ["MACs", "num wide", "Multiply-adds for one picture"],
  ["Sees", "num", "Receptive field: pixels of the input that one cell can see, where no border cuts it"]];

class Tree {
  constructor(choose) {
    this.choose = choose;
    this.body = h("tbody", {});
    this.none = h("p", { class: "caption nothing", hidden: true, text: "No layer has these words. Try conv, block, or a part of a name." });
    this.node = h("div", { class: "tree", hidden: true },
      h("table", { "aria-label": "Layers of the network" }, h("thead", {}, h("tr", {}, ...COLUMNS.map(([text, kind, title]) =>
        h("th", { class: kind, scope: "col", text, title })))), this.body), this.none);
  }

  fill(rows, kinds) {
    this.rows = rows.map((row) => {
      const line = h("tr", { class: row.map ? "map" : "plain", "data-name": row.name, tabindex: row.map ? "-1" : null,
        title: row.detail || kinds[row.kind] },
      h("td", {}, h("span", { class: "title", style: { "--depth": row.depth }, text: row.title })),
      ...[[row.kind, "wide"], [row.module, "wide"], [row.shape, "num"], [row.stride, "num"], [row.params, "num wide"],
        [row.macs, "num wide"], [row.field, "num"]].map(([text, kind]) => h("td", { class: kind, text })));
      if (row.map) line.addEventListener("click", () => this.choose(row.name));
      line.words = `${row.name} ${row.module} ${row.detail} ${row.kind}`.toLowerCase();
      return line;
    });
    this.body.replaceChildren(...this.rows);
    this.body.onkeydown = (event) => this.key(event);
  }

  key(event) {
    const line = event.target.closest("tr");
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.choose(line.dataset.name); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const open = this.rows.filter((each) => !each.hidden && each.classList.contains("map"));
    open[clamp(open.indexOf(line) + step, 0, open.length - 1)]?.focus();
  }

  search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const line of this.rows) {
      line.hidden = !words.every((word) => line.words.includes(word));
      found += line.hidden ? 0 : 1;
    }
    this.none.hidden = found > 0;
  }

  mark(name) {
    for (const line of this.rows) {
      const on = line.dataset.name === name;
      line.setAttribute("aria-selected", String(on));
      if (line.classList.contains("map")) line.tabIndex = on ? 0 : -1;
      if (on) this.show(line);
    }
  }

  show(line) {
    const top = line.offsetTop - this.node.clientHeight / 2;
    if (!this.node.hidden && (line.offsetTop < this.node.scrollTop + 30 || line.offsetTop > this.node.scrollTop + this.node.clientHeight - 30)) this.node.scrollTop = top;
  }
}
