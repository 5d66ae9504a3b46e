// Values of one map: unpacked from 16-bit steps, coloured, read cell by cell.

class Plane {
  constructor({ steps, width, height, low, high, start, end }, colors) {
    Object.assign(this, { width, height, low, high, start, end });
    const bytes = Uint8Array.from(atob(steps), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    this.values = Float32Array.from({ length: width * height }, (_, i) => low + (view.getUint16(2 * i, true) / 65535) * (high - low));
    this.colors = Uint8Array.from({ length: colors.length / 2 }, (_, i) => parseInt(colors.slice(2 * i, 2 * i + 2), 16));
  }

  at(row, column) {
    return row < 0 || column < 0 || row >= this.height || column >= this.width ? null : this.values[row * this.width + column];
  }

  level(value) {
    return this.end > this.start ? clamp(Math.round(((value - this.start) / (this.end - this.start)) * 255), 0, 255) : 0;
  }

  hex(value) {
    const at = 3 * this.level(value);
    return "#" + [...this.colors.slice(at, at + 3)].map((c) => c.toString(16).padStart(2, "0")).join("");
  }

  draw(canvas) {
    canvas.width = this.width;
    canvas.height = this.height;
    const pixels = new ImageData(this.width, this.height);
    this.values.forEach((value, i) => {
      pixels.data.set(this.colors.subarray(3 * this.level(value), 3 * this.level(value) + 3), 4 * i);
      pixels.data[4 * i + 3] = 255;
    });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }
}

/** A number with three significant digits. */
function few(value) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size >= 1000 || size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
