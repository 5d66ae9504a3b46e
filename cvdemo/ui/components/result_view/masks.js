// One class for every pixel, coloured over the picture.

class MaskOverlay {
  constructor(data, redraw) {
    this.data = data;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.plates = h("div", { class: "plates", "aria-hidden": "true" });
    this.nodes = [this.canvas, this.plates];
    this.ready = this.load().then(redraw);
  }

  async load() {
    const { mask } = this.data;
    this.ids = await readGrey(mask.src);
    const { width, height } = this.ids;
    this.sure = mask.sure ? await readGrey(mask.sure, width, height) : null;
    const { values } = this.ids;
    this.edges = new Uint8Array(values.length);
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        if ((x + 1 < width && values[p] !== values[p + 1]) || (y + 1 < height && values[p] !== values[p + width])) {
          this.edges[p] = 1;
        }
      }
    }
    this.canvas.width = width;
    this.canvas.height = height;
    this.buffer = new ImageData(width, height);
  }

  apply(settings, lit) {
    this.plates.replaceChildren();
    if (!this.ids) return;
    const { values } = this.ids;
    const litClass = lit ? lit.classId : null;
    const table = new Uint8Array(256 * 4);
    for (const entry of this.data.mask.classes) {
      const dim = litClass !== null && entry.id !== litClass;
      const rgb = dim ? [0, 0, 0] : [1, 3, 5].map((i) => parseInt(entry.color.slice(i, i + 2), 16));
      const off = settings.only.length > 0 && !settings.only.includes(entry.id);
      table.set([...rgb, off ? 0 : 255 * (dim ? 0.6 : settings.opacity)], entry.id * 4);
    }
    const out = this.buffer.data;
    for (let p = 0, q = 0; p < values.length; p++, q += 4) {
      const at = values[p] * 4;
      out[q] = table[at];
      out[q + 1] = table[at + 1];
      out[q + 2] = table[at + 2];
      let alpha = table[at + 3];
      if (settings.fade && this.sure && alpha) alpha *= clamp((this.sure.values[p] - 77) / 150, 0, 1);
      if (this.edges[p] && alpha && litClass === null) alpha = Math.max(alpha, 235);
      out[q + 3] = alpha;
    }
    this.canvas.getContext("2d").putImageData(this.buffer, 0, 0);
  }

  /** The class under a point of the picture. */
  hit(x, y) {
    if (!this.ids) return null;
    const { width, height } = this.data.picture;
    const column = clamp(Math.floor((x / width) * this.ids.width), 0, this.ids.width - 1);
    const row = clamp(Math.floor((y / height) * this.ids.height), 0, this.ids.height - 1);
    const classId = this.ids.values[row * this.ids.width + column];
    const sure = this.sure ? this.sure.values[row * this.ids.width + column] / 255 : null;
    return { classId, sure, at: [x, y] };
  }

  /** A plate with the class name beside the pointer. */
  point(lit, frame) {
    this.plates.replaceChildren();
    if (!lit || !lit.at) return;
    const entry = this.data.mask.classes.find(({ id }) => id === lit.classId);
    if (!entry) return;
    const plate = h("div", { class: "plate lit", style: { background: entry.color, color: inkOn(entry.color) } });
    plate.append(entry.name);
    if (lit.sure !== null) plate.append(h("span", { text: score(lit.sure) }));
    this.plates.append(plate);
    const scale = frame.clientWidth / this.data.picture.width;
    const x = clamp(lit.at[0] * scale + 14, 0, Math.max(0, frame.clientWidth - plate.offsetWidth));
    const y = clamp(lit.at[1] * scale - 30, 0, Math.max(0, frame.clientHeight - plate.offsetHeight));
    plate.style.transform = `translate(${x}px, ${y}px)`;
  }
}

/** Decode a greyscale PNG to its values, stretched to width x height where given. */
async function readGrey(src, width, height) {
  const image = new Image();
  image.src = src;
  await image.decode();
  const canvas = h("canvas", {});
  canvas.width = width ?? image.naturalWidth;
  canvas.height = height ?? image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const values = new Uint8Array(data.length / 4);
  for (let p = 0; p < values.length; p++) values[p] = data[p * 4];
  return { values, width: canvas.width, height: canvas.height };
}
