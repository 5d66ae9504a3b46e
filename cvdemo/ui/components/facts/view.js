// A few figures with their names; what each one means is said on hover.

export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".facts");
  list.replaceChildren(...data.facts.map(({ label, value, help, pending }) =>
    h("div", { class: pending ? "fact pending" : "fact", title: help }, h("dt", { text: pending ? "measuring" : label }), h("dd", { text: value }))));
}
