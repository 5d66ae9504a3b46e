// The arithmetic of one cell, spelled out: every product of its window, their sum, and what the next steps make of it.

class SumPanel {
  constructor() {
    this.title = h("p", { class: "caption" });
    this.terms = h("div", { class: "terms" });
    this.result = h("p", { class: "result" });
    this.said = h("p", { class: "visually-hidden", "aria-live": "polite" });
    this.node = h("section", { class: "sum", "aria-label": "Sum of products" }, this.title, this.terms, this.result, this.said);
  }

  /** where: words for the place. typed: the weights as typed. weights, numbers: k x k. after: sentences that follow. */
  show({ where, typed, weights, numbers, sum, after }, aloud) {
    this.title.textContent = where;
    this.terms.style.setProperty("--columns", weights.length);
    this.terms.replaceChildren(...weights.flatMap((row, i) => row.map((weight, j) => {
      const first = !i && !j;
      const sign = weight < 0 ? "\u2212" : first ? "" : "+";
      const size = typed[i][j].trim().replace(/^[+\u2212-]/, "");
      return h("span", { class: weight ? (weight < 0 ? "term minus" : "term plus") : "term nothing" },
        h("i", { text: sign }), h("b", { text: size }), ` × ${numbers[i][j]}`);
    })));
    this.result.replaceChildren(h("span", { text: "= " }), h("b", { text: short(sum) }), ...after.map((text) => h("span", { class: "after", text })));
    if (aloud) this.said.textContent = `${where}: the sum of products is ${short(sum)}. ${after.join(" ")}`;
  }

  empty(text) {
    this.title.textContent = text;
    this.terms.replaceChildren();
    this.result.replaceChildren();
  }
}
