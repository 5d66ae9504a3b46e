// The same arithmetic as cvdemo/fundamentals.py, for the few cells under the frame, so that a dragged frame and a typed
// weight answer at once. The whole pictures come from Python.

const NUMBER = /^[+-]?(\d{1,9}\/\d{1,9}|\d{1,9}(\.\d{0,9})?|\.\d{1,9})$/;

/** A typed weight as a number, NaN for what is none. */
function weightOf(text) {
  const typed = text.trim().replaceAll("\u2212", "-").replaceAll(",", ".");
  if (!NUMBER.test(typed)) return NaN;
  const [top, bottom] = typed.split("/");
  const value = bottom === undefined ? Number(top) : Number(top) / Number(bottom);
  return Math.abs(value) <= 1000 ? value : NaN;
}

/** How a picture's numbers are read: (y, x) -> 0..255, and 0 in the padding around it. pixels: RGBA bytes. */
function planeOf(pixels, width, height, channel) {
  const offset = { red: 0, green: 1, blue: 2 }[channel];
  return (y, x) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    const i = 4 * (y * width + x);
    if (offset !== undefined) return pixels[i + offset];
    return Math.floor((299 * pixels[i] + 587 * pixels[i + 1] + 114 * pixels[i + 2] + 500) / 1000);
  };
}

/** Sum of products of the kernel and the numbers from (y, x) on. */
function convolve(read, kernel, y, x) {
  let sum = 0;
  kernel.forEach((row, i) => row.forEach((weight, j) => { sum += weight * read(y + i, x + j); }));
  return Math.abs(sum) < 1e-9 ? 0 : sum;
}

/** What the frame covers. All in cells: `rows` x `columns` of the input from (y, x) on, and the parts of the results
 * that follow from them alone. at: [row, column] of the frame's middle in the picture. */
function frameOf(size, settings, side, at) {
  const { stride, padding, pool } = settings;
  const step = Math.max(1, pool);
  const axis = (length, middle) => {
    const padded = length + 2 * padding;
    const seen = Math.min(VIEW, padded);
    const total = padded < side ? 0 : Math.floor((padded - side) / stride) + 1;
    const last = Math.floor((padded - seen) / stride);
    const first = Math.floor(clamp(Math.round((middle + padding - seen / 2) / stride), 0, last) / step) * step;
    const results = total ? Math.min(Math.floor((seen - side) / stride) + 1, total - first) : 0;
    const pools = pool ? Math.max(0, Math.min(Math.floor(results / pool), Math.floor(total / pool) - first / pool)) : 0;
    return { first, start: first * stride - padding, seen, results, pools, total };
  };
  return { rows: axis(size.height, at[0]), columns: axis(size.width, at[1]) };
}

/** A number as short as a small cell needs it, with a real minus. */
function short(value) {
  const size = Math.abs(value);
  const whole = Math.abs(value - Math.round(value)) < 1e-6;
  if (size >= 99999.5) return plain(`${(value / (size >= 999500 ? 1e6 : 1e3)).toFixed(size >= 999500 ? 1 : 0)}${size >= 999500 ? "M" : "k"}`);
  return plain(whole || size >= 1000 ? String(Math.round(value)) : value.toFixed(1));
}

function plain(text) {
  return text.replace("-", "\u2212");
}
