// Painting on a 2-D context: strokes, and filling what a stroke encloses. No state, no DOM.

function stroke(context, from, to, width, grey) {
  context.strokeStyle = context.fillStyle = `rgb(${grey},${grey},${grey})`;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x + 0.01, to.y);
  context.stroke();
}

/** Fill the area around a point whose grey is near that point's, up to the first edge. */
function fillArea(context, at, grey, tolerance = 40) {
  const { width, height } = context.canvas;
  const picture = context.getImageData(0, 0, width, height);
  const x = clamp(Math.floor(at.x), 0, width - 1);
  const y = clamp(Math.floor(at.y), 0, height - 1);
  const level = picture.data[4 * (y * width + x)];
  const near = (i) => Math.abs(picture.data[4 * i] - level) <= tolerance;
  const seen = new Uint8Array(width * height);
  const waiting = [y * width + x];
  seen[waiting[0]] = 1;
  const visit = (i) => { if (!seen[i] && near(i)) { seen[i] = 1; waiting.push(i); } };
  while (waiting.length) {
    const i = waiting.pop();
    const column = i % width;
    if (column > 0) visit(i - 1);
    if (column < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  seen.forEach((inside, i) => { if (inside) picture.data.fill(grey, 4 * i, 4 * i + 3); });
  context.putImageData(picture, 0, 0);
}

function blank(context) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}
