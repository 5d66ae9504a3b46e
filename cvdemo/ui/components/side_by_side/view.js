// Pictures of equal size beside each other with their captions, and one legend for all.

export default function ({ data, parentElement }) {
  const row = parentElement.querySelector(".pictures");
  // Upright pictures do not grow beyond what the window shows whole.
  row.style.setProperty("--most", data.most ?? "none");
  row.style.setProperty("--least", data.least ?? "15rem");
  row.replaceChildren(...data.pictures.map(({ src, title, caption }) => h("figure", { role: "listitem" },
    h("img", { src, alt: [title, caption].filter(Boolean).join(". ") }),
    h("figcaption", {}, title ? h("b", { text: title }) : null, h("span", { class: "caption", text: caption })))));
  parentElement.querySelector(".legend").replaceChildren(...(data.legend ?? []).map(({ name, color }) => h("li", {},
    h("span", { class: "swatch", style: { background: color } }), h("span", { text: name }))));
}
