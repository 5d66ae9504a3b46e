// What was done to a picture, step by step, as small pictures with captions.

export default function ({ data, parentElement }) {
  parentElement.querySelector(".steps").replaceChildren(...data.steps.map(({ src, caption, tiny }) => h("li", {},
    h("div", { class: "shot" }, h("img", { src, alt: caption, class: tiny ? "tiny" : null })),
    h("p", { class: "caption", text: caption }))));
}
