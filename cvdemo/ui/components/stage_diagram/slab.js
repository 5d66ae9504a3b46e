// A block of layers as a slab: as high as its grid is fine (the network's finest is the highest), as wide as it has
// channels, both on a square-root scale.

const TALL = 176;
const SVG = "http://www.w3.org/2000/svg";

function sizeOf({ cells, channels }, finest) {
  const high = 10 + 116 * Math.sqrt(cells / finest);
  return { high, wide: 5 + 1.1 * Math.sqrt(channels), deep: 0.3 * high };
}

function polygon(points, fill) {
  const node = document.createElementNS(SVG, "polygon");
  node.setAttribute("points", points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
  node.setAttribute("class", fill);
  return node;
}

/** The drawing of one block, centred on the line that all blocks share. */
function slab(block, finest) {
  const { high, wide, deep } = sizeOf(block, finest);
  const width = wide + deep + 2;
  const svg = h("svg", { viewBox: `0 0 ${width.toFixed(1)} ${TALL}`, width: width.toFixed(1), height: TALL, "aria-hidden": "true" });
  svg.style.color = block.color;
  const rise = deep * 0.6;
  const top = (TALL - high + rise) / 2;
  const [x0, x1, y0, y1] = [1, 1 + wide, top, top + high];
  svg.append(
    polygon([[x0, y0], [x0 + deep, y0 - rise], [x1 + deep, y0 - rise], [x1, y0]], "top"),
    polygon([[x1, y0], [x1 + deep, y0 - rise], [x1 + deep, y1 - rise], [x1, y1]], "side"),
    polygon([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], "front"),
  );
  return svg;
}
