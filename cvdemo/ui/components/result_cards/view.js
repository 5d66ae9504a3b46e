// The same picture through every task: each card is a finished result and the way to its page.

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.querySelector(".cards").replaceChildren(...data.cards.map((card) => h("a", {
    class: card.pending ? "card pending" : "card", href: card.page,
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      setTriggerValue("go", card.page);
    },
  },
  h("div", { class: "shot" }, h("img", { src: card.src, alt: card.alt, draggable: "false" })),
  h("div", {}, h("h2", { class: "title", text: card.title }), h("p", { class: "said", text: card.said }),
    h("p", { class: "caption line", text: card.line })))));
}
