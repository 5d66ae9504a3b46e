// Garments and what a network takes them for.

export default function ({ data, parentElement }) {
  parentElement.querySelector(".row").replaceChildren(...data.garments.map(({ src, said, share, truth, right }) =>
    h("figure", { class: right ? "" : "wrong", role: "listitem", title: right ? `${said}, right` : `Is a ${truth}` },
      h("img", { src, alt: `A garment of 28 by 28 pixels, ${truth}` }), h("figcaption", { text: said }, h("span", { text: percent(share) })))));
}
