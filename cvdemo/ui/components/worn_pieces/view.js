// Each piece of clothing with what the two networks were shown and what they say.

export default function ({ data, parentElement }) {
  const says = (src, kind, alt, who, what, how) => h("div", { class: "says" }, h("img", { src, alt, class: kind }),
    h("div", {}, h("div", { class: "who", text: who }), h("div", { class: "what", text: what }), h("div", { class: "who", text: how })));
  const verdict = { true: "Both say the same.", false: "They differ.", null: "The garment network knows no such kind." };
  parentElement.querySelector(".pieces").replaceChildren(...data.pieces.map((piece) => h("li", { class: "piece" },
    says(piece.crop, "crop", `The ${piece.name} on white`, "Segmentation", piece.name, piece.share),
    says(piece.seen, "seen", `The ${piece.name} as 28 by 28 grey pixels`, data.second, piece.kind, `sure to ${piece.prob}`),
    h("div", { class: piece.agrees ? "verdict" : "verdict differ", text: piece.trusted ? verdict[String(piece.agrees)]
      : `${verdict[String(piece.agrees)]} It looks unlike the pictures that the garment network learnt from.` }))));
}
