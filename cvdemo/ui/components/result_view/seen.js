// The part of the picture that a classifier was shown; the rest is dimmed.

class SeenOverlay {
  constructor(data) {
    const { width, height } = data.picture;
    const [x1, y1, x2, y2] = data.seen;
    const rest = `M0 0H${width}V${height}H0Z M${x1} ${y1}H${x2}V${y2}H${x1}Z`;
    this.svg = h("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      h("path", { d: rest, "fill-rule": "evenodd", fill: "#000", "fill-opacity": "0.5" }),
      h("rect", { class: "edge", x: x1, y: y1, width: x2 - x1, height: y2 - y1 }));
    this.nodes = [this.svg];
  }

  apply(settings) {
    this.svg.style.visibility = settings.seen ? "visible" : "hidden";
  }

  hit() {
    return null;
  }
}
