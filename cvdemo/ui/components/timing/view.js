// Where the time went: one thin bar and its parts in words.

export default function ({ data, parentElement }) {
  const node = parentElement.querySelector(".timing");
  const bar = h("div", { class: "bar", "aria-hidden": "true" });
  const words = h("p", { class: "caption parts" });
  const total = data.parts.reduce((sum, { seconds }) => sum + seconds, 0) || 1;
  data.parts.forEach(({ name, seconds, text, help }, i) => {
    bar.append(h("i", { class: `part${i}`, style: { flex: String(Math.max(1, (1000 * seconds) / total)) } }));
    words.append(h("span", { title: help }, h("i", { class: `part${i}`, "aria-hidden": "true" }), `${name} ${text}`));
  });
  words.append(h("span", {}, h("b", { text: data.total }), data.where));
  node.replaceChildren(bar, words);
}
