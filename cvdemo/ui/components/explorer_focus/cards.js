// What is said about a channel beside its picture: numbers, histogram, the places that excite it, its weights.

function card(title, ...content) {
  return h("section", {}, h("h3", { text: title }), ...content);
}

function numbersCard(plane, { row, column }) {
  const reach = 3;
  const cells = [];
  for (let y = row - reach; y <= row + reach; y += 1) {
    for (let x = column - reach; x <= column + reach; x += 1) {
      const value = plane.at(y, x);
      const color = value === null ? "transparent" : plane.hex(value);
      cells.push(h("span", { class: y === row && x === column ? "middle" : null, text: value === null ? "" : few(value),
        style: { background: color, color: value === null ? "inherit" : inkOn(color) } }));
    }
  }
  return card("Numbers around the place", h("div", { class: "numbers", role: "img", style: { "--columns": 2 * reach + 1 },
    "aria-label": `Values around row ${row + 1}, column ${column + 1}; there it is ${few(plane.at(row, column))}` }, ...cells));
}

function histogramCard({ counts, low, high }, stats) {
  const top = Math.max(...counts);
  return card("How often each value occurs",
    h("div", { class: "bars", role: "img", "aria-label": `Histogram from ${few(low)} to ${few(high)}` },
      ...counts.map((n) => h("i", { title: `${n} cells`, style: { height: `${n ? Math.max(2, 100 * (Math.log1p(n) / Math.log1p(top))) : 0}%` } }))),
    h("div", { class: "caption ends" }, h("span", { text: few(low) }), h("span", { text: "logarithmic heights" }), h("span", { text: few(high) })),
    h("p", { class: "caption", text: `Mean ${few(stats.mean)}, deviation ${few(stats.deviation)}, ${percent(stats.zero)} of the cells are 0.` }));
}

/** peaks: cells; patch(cell): the part of the picture that a cell sees, as {left, top, width, height} in picture pixels. */
function peaksCard(peaks, photo, scale, patch, choose) {
  if (!peaks.length) return card("What excites it most", h("p", { class: "caption", text: "Nothing here: the channel has one value everywhere." }));
  const tiles = peaks.map((peak) => {
    const canvas = h("canvas", { width: 120, height: 120 });
    const { left, top, width, height } = patch(peak);
    const side = Math.max(width, height);
    const draw = () => canvas.getContext("2d").drawImage(photo, (left + width / 2 - side / 2) * scale, (top + height / 2 - side / 2) * scale,
      side * scale, side * scale, 0, 0, 120, 120);
    if (photo.complete && photo.naturalWidth) draw(); else photo.addEventListener("load", draw, { once: true });
    const button = h("button", { type: "button", "aria-label": `Row ${peak.row + 1}, column ${peak.column + 1}: ${few(peak.value)}`,
      "aria-pressed": "false", onclick: () => choose(peak) }, canvas, h("span", { class: "caption", text: few(peak.value) }));
    button.peak = peak;
    return button;
  });
  return card("What excites it most", h("div", { class: "peaks" }, ...tiles),
    h("p", { class: "caption", text: "The places with the strongest answers, cut out as far as a cell there sees. Choose one to find it on the picture." }));
}

function kernelsCard(kernels, channel, choose) {
  const title = `Its weights (${kernels.size})`;
  const from = kernels.own ? "" : ` of ${kernels.layer}, the convolution it comes from`;
  if (kernels.mode === "mix") return card(title, ...mix(kernels, from));
  const { columns, count, tile: [t, w] } = kernels;
  const rows = Math.ceil(count / columns);
  const place = (n) => ({ left: `${((n % columns) / columns) * 100}%`, top: `${(Math.floor(n / columns) / rows) * 100}%`,
    width: `${100 / columns}%`, height: `${100 / rows}%` });
  const colour = kernels.mode === "colour";
  const marks = Array.from({ length: count }, (_, n) => h("button", { type: "button", class: colour && n === channel ? "on" : null, style: place(n),
    title: colour ? `Channel ${n}` : `From channel ${kernels.from[n]}`, "aria-label": colour ? `Kernel of channel ${n}` : `Weights for channel ${kernels.from[n]}`,
    tabindex: "-1", onclick: () => colour && choose(n) }));
  const words = colour ? `All ${count} kernels${from}, this one framed. Grey is 0; the colours are what a kernel looks for.`
    : `Slices${from}, the ${count} strongest of ${kernels.inputs}. Orange adds, blue takes away; from ${few(kernels.low)} to ${few(kernels.high)}.`;
  return card(title, h("div", { class: "kernels", style: { width: `min(100%, ${columns * Math.max(w, t) * Math.ceil(28 / Math.max(w, t))}px)` } },
    h("img", { src: kernels.src, alt: words }), ...marks), h("p", { class: "caption", text: words }));
}

function mix({ mix: parts, inputs }, from) {
  const top = Math.max(...parts.map(([, weight]) => Math.abs(weight))) || 1;
  return [h("div", { class: "mix" }, ...parts.flatMap(([input, weight]) => [h("span", { text: `channel ${input}` }),
    h("i", { style: { width: `${(100 * Math.abs(weight)) / top}%`, background: weight < 0 ? "#2166ac" : "#c95b0c" } }), h("span", { class: "num", text: few(weight) })])),
  h("p", { class: "caption", text: `The strongest ${parts.length} of ${inputs} inputs${from}. Orange adds, blue takes away.` })];
}
