// Answers drawn over the video. Everything is given in the frame's pixels and scaled to the canvas; a mirrored video
// mirrors places but not words.

const PLATE = { font: "600 13px system-ui, sans-serif", height: 19 };

class Painter {
  constructor(context, size, frame, mirrored) {
    this.context = context;
    [this.width, this.height] = size;
    this.sx = size[0] / frame[0];
    this.sy = size[1] / frame[1];
    this.mirrored = mirrored;
    this.taken = [];
    this.line = clamp(size[0] / 300, 1.5, 4);
    context.lineCap = context.lineJoin = "round";
  }

  x(value) { return this.mirrored ? this.width - value * this.sx : value * this.sx; }
  y(value) { return value * this.sy; }

  /** A picture over a part of the frame: left, top, right, bottom. source: of the picture, all of it by default. */
  picture(bitmap, box, alpha, source = [0, 0, bitmap.width, bitmap.height]) {
    const { context } = this;
    const [left, right] = [this.x(box[0]), this.x(box[2])];
    context.save();
    context.globalAlpha = alpha;
    if (this.mirrored) { context.translate(left, 0); context.scale(-1, 1); } else context.translate(left, 0);
    context.drawImage(bitmap, ...source, 0, this.y(box[1]), Math.abs(right - left), this.y(box[3]) - this.y(box[1]));
    context.restore();
  }

  box([x0, y0, x1, y1], color) {
    const [a, b] = [this.x(x0), this.x(x1)];
    const place = [Math.min(a, b), this.y(y0), Math.abs(b - a), this.y(y1) - this.y(y0)];
    this.stroke(() => { this.context.beginPath(); this.context.rect(...place); }, color);
    return place;
  }

  limb(a, b, color) {
    this.stroke(() => {
      this.context.beginPath();
      this.context.moveTo(this.x(a[0]), this.y(a[1]));
      this.context.lineTo(this.x(b[0]), this.y(b[1]));
    }, color);
  }

  /** A dark halo keeps lines readable on any picture. */
  stroke(path, color) {
    const { context } = this;
    path();
    context.strokeStyle = "rgb(0 0 0 / 0.55)";
    context.lineWidth = this.line + 2;
    context.stroke();
    context.strokeStyle = color;
    context.lineWidth = this.line;
    context.stroke();
  }

  dot([x, y], color) {
    const { context } = this;
    for (const [ink, grow] of [["rgb(0 0 0 / 0.6)", 1.2], [color, 0]]) {
      context.fillStyle = ink;
      context.beginPath();
      context.arc(this.x(x), this.y(y), this.line * 1.05 + grow, 0, 2 * Math.PI);
      context.fill();
    }
  }

  /** A name above its box, else inside it; one that would cover another is left out. */
  plate([x, y, , tall = 0], text, color) {
    const { context, width, height } = this;
    const { font, height: high } = PLATE;
    context.font = font;
    const wide = context.measureText(text).width + 10;
    const left = clamp(x, 0, Math.max(0, width - wide));
    const spots = [y - high - 2, y + 2, y + tall - high - 2].map((spot) => clamp(spot, 0, Math.max(0, height - high)));
    const free = (top) => this.taken.every(([a, b, c, d]) => left >= c || left + wide <= a || top >= d || top + high <= b);
    const top = spots.find(free);
    if (top === undefined) return;
    this.taken.push([left, top, left + wide, top + high]);
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(left, top, wide, high, 3);
    context.fill();
    context.fillStyle = inkOn(color);
    context.textBaseline = "middle";
    context.fillText(text, left + 5, top + high / 2 + 0.5);
  }
}

/** What a track's number is called: "person 3"; nothing for a thing without one. */
function numbered(name, number) {
  return number > 0 ? `${name} ${number}` : name;
}

const DRAWERS = {
  detect(painter, head, legend) {
    for (const [x0, y0, x1, y1, s, kind, number] of head.items) {
      const color = legend.colors[kind % legend.colors.length];
      const place = painter.box([x0, y0, x1, y1], color);
      painter.plate(place, `${numbered(legend.classes[kind], number)}  ${score(s)}`, color);
    }
  },

  pose(painter, head, legend, { joint }) {
    for (const [x0, y0, x1, , , number, flat] of head.items) {
      const joints = legend.joints.map((_, j) => flat.slice(3 * j, 3 * j + 3));
      for (const [a, b] of head.skeleton) {
        if (joints[a][2] < joint || joints[b][2] < joint) continue;
        const same = legend.jointColors[a] === legend.jointColors[b];
        painter.limb(joints[a], joints[b], same ? legend.jointColors[a] : legend.jointColors[0]);
      }
      joints.forEach((each, j) => { if (each[2] >= joint) painter.dot(each, legend.jointColors[j]); });
      if (number > 0) painter.plate([Math.min(painter.x(x0), painter.x(x1)), painter.y(y0)], `person ${number}`, "#ffffff");
    }
  },

  segment(painter, head, legend, { opacity }, pictures) {
    if (pictures.mask) painter.picture(pictures.mask, [0, 0, ...head.size], opacity);
  },

  classify(painter, head) {
    const best = head.items[0];
    if (best) painter.plate([10, 31], `${best[1]}  ${percent(best[2])}`, "#ffffff");
  },
};

/** One answer on a canvas of that size. channel: place of the tile to lay over the picture, -1 for none. */
function drawAnswer(context, size, { head, pictures }, legend, choice, mirrored, channel) {
  const painter = new Painter(context, size, head.size, mirrored);
  if (channel >= 0 && head.maps && pictures.maps && channel < head.maps.channels.length) {
    const [tall, wide] = head.maps.tile;
    painter.picture(pictures.maps, head.maps.box, 0.72, [channel * wide, 0, wide, tall]);
  }
  DRAWERS[head.task](painter, head, legend, choice, pictures);
}
