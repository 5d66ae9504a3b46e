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
    this.doubt = mask.doubt ? await readGrey(mask.doubt, width, height) : null;
    this.best = mask.best ? { classes: await readPixels(mask.best), probs: await readPixels(mask.sure) } : null;
    this.ramp = (mask.ramp ?? []).map(rgbOf);
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
    if (settings.paint === "doubt" && this.doubt) { this.paintDoubt(settings, litClass); return; }
    const contour = settings.paint === "contour";
    const table = new Uint8Array(256 * 4);
    for (const entry of this.data.mask.classes) {
      const dim = litClass !== null && entry.id !== litClass;
      const rgb = dim ? [0, 0, 0] : rgbOf(entry.color);
      const off = settings.only.length > 0 && !settings.only.includes(entry.id);
      // The background is not painted, so that what stands before it does; alone it is.
      const bare = contour || (entry.plain && litClass === null);
      const opacity = dim ? 0.6 : bare ? 0 : settings.opacity;
      table.set([...rgb, off ? 0 : 255 * opacity], entry.id * 4);
    }
    const out = this.buffer.data;
    for (let p = 0, q = 0; p < values.length; p++, q += 4) {
      const at = values[p] * 4;
      out[q] = table[at];
      out[q + 1] = table[at + 1];
      out[q + 2] = table[at + 2];
      let alpha = table[at + 3];
      if (settings.fade && this.sure && alpha) alpha *= clamp((this.sure.values[p] - 77) / 150, 0, 1);
      if (this.edges[p] && (alpha || contour) && (litClass === null || (contour && values[p] === litClass))) alpha = Math.max(alpha, 235);
      out[q + 3] = alpha;
    }
    this.canvas.getContext("2d").putImageData(this.buffer, 0, 0);
  }

  /** Dark where one class has all the probability, bright where several share it. */
  paintDoubt(settings, litClass) {
    const table = new Uint8Array(256 * 3);
    for (let v = 0; v < 256; v++) {
      const at = (v / 255) * (this.ramp.length - 1);
      const [low, high] = [this.ramp[Math.floor(at)], this.ramp[Math.ceil(at)]];
      table.set(low.map((c, i) => c + (high[i] - c) * (at % 1)), v * 3);
    }
    const out = this.buffer.data;
    const { values } = this.doubt;
    for (let p = 0, q = 0; p < values.length; p++, q += 4) {
      const at = values[p] * 3;
      out[q] = table[at];
      out[q + 1] = table[at + 1];
      out[q + 2] = table[at + 2];
      out[q + 3] = litClass !== null && this.ids.values[p] !== litClass ? 245 : 255 * Math.max(settings.opacity, 0.2);
    }
    this.canvas.getContext("2d").putImageData(this.buffer, 0, 0);
  }

  /** The best classes at a place with their probabilities, the shown class first. */
  bestAt(x, y, classId) {
    if (!this.best) return [];
    const { classes, probs } = this.best;
    const column = clamp(Math.floor((x / this.data.picture.width) * classes.width), 0, classes.width - 1);
    const row = clamp(Math.floor((y / this.data.picture.height) * classes.height), 0, classes.height - 1);
    const at = (row * classes.width + column) * 4;
    const ranked = [0, 1, 2].map((i) => [classes.values[at + i], probs.values[at + i] / 255]);
    return ranked.filter(([, p], i) => i === 0 || p >= 0.05).sort((a, b) => (b[0] === classId) - (a[0] === classId));
  }

  /** The class under a point of the picture. */
  hit(x, y) {
    if (!this.ids) return null;
    const { width, height } = this.data.picture;
    const column = clamp(Math.floor((x / width) * this.ids.width), 0, this.ids.width - 1);
    const row = clamp(Math.floor((y / height) * this.ids.height), 0, this.ids.height - 1);
    const classId = this.ids.values[row * this.ids.width + column];
    return { classId, best: this.bestAt(x, y, classId), at: [x, y] };
  }

  /** A plate with the class name beside the pointer. */
  point(lit, frame) {
    this.plates.replaceChildren();
    if (!lit || !lit.at) return;
    const entry = this.data.mask.classes.find(({ id }) => id === lit.classId);
    if (!entry) return;
    const plate = h("div", { class: "plate lit", style: { background: entry.color, color: inkOn(entry.color) } });
    plate.append(entry.name);
    const named = new Map(this.data.mask.classes.map(({ id, name }) => [id, name]));
    for (const [id, p] of lit.best) {
      plate.append(h("span", { text: id === entry.id ? score(p) : `${named.get(id)} ${score(p)}` }));
    }
    this.plates.append(plate);
    const scale = frame.clientWidth / this.data.picture.width;
    const x = clamp(lit.at[0] * scale + 14, 0, Math.max(0, frame.clientWidth - plate.offsetWidth));
    const y = clamp(lit.at[1] * scale - 30, 0, Math.max(0, frame.clientHeight - plate.offsetHeight));
    plate.style.transform = `translate(${x}px, ${y}px)`;
  }
}

function rgbOf(color) {
  return [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
}

/** Decode a greyscale PNG (of another one, the red) to its values, stretched to width x height where given. */
async function readGrey(src, width, height) {
  const { values: data, ...size } = await readPixels(src, width, height);
  const values = new Uint8Array(data.length / 4);
  for (let p = 0; p < values.length; p++) values[p] = data[p * 4];
  return { values, ...size };
}

/** Decode a PNG to its red, green, blue and alpha values. */
async function readPixels(src, width, height) {
  const image = new Image();
  image.src = src;
  await image.decode();
  const canvas = h("canvas", {});
  canvas.width = width ?? image.naturalWidth;
  canvas.height = height ?? image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { values: data, width: canvas.width, height: canvas.height };
}
