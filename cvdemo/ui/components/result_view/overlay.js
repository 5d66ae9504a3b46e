// Boxes, skeletons and their name plates, drawn over the picture in the picture's own pixels.

class ShapeOverlay {
  constructor(data) {
    this.data = data;
    const { width, height } = data.picture;
    this.svg = h("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.plates = h("div", { class: "plates", "aria-hidden": "true" });
    this.nodes = [this.svg, this.plates];
    this.scrim = h("path", { class: "scrim", "fill-rule": "evenodd" });
    this.svg.append(this.scrim);
    this.shapes = new Map(data.items.map((item) => [item.id, this.shape(item)]));
    for (const item of [...data.items].reverse()) this.svg.append(this.shapes.get(item.id).group);
  }

  shape(item) {
    const [x1, y1, x2, y2] = item.box;
    const at = { x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1), rx: 0 };
    const group = h("g", { class: item.score < this.data.unsure ? "shape unsure" : "shape" });
    const limbs = [];
    const joints = [];
    if (item.joints) {
      for (const [a, b, color] of this.data.skeleton) {
        const ends = { x1: item.joints[a][0], y1: item.joints[a][1], x2: item.joints[b][0], y2: item.joints[b][1] };
        const pair = [h("line", { class: "halo", ...ends }), h("line", { class: "ink", stroke: color, ...ends })];
        group.append(...pair);
        limbs.push({ a, b, pair });
      }
      for (const [j, [x, y]] of item.joints.entries()) {
        // A zero-length line with round caps is a dot whose size does not depend on the picture's scale.
        const ends = { x1: x, y1: y, x2: x + 0.01, y2: y, "stroke-linecap": "round" };
        const pair = [h("line", { class: "halo dot", ...ends }), h("line", { class: "ink dot", stroke: this.data.jointColors[j], ...ends })];
        group.append(...pair);
        joints.push(pair);
      }
    } else {
      group.append(h("rect", { class: "halo", ...at }), h("rect", { class: "ink", stroke: item.color, ...at }));
    }
    const plate = h("div", { class: "plate", style: { background: item.color, color: inkOn(item.color) } });
    plate.append(item.name, h("span", { text: score(item.score) }));
    return { item, group, plate, limbs, joints };
  }

  /** Show what the settings let through, light up `lit`, and place the name plates. */
  apply(settings, lit, frame) {
    const wide = frame.clientWidth || 800;
    const stroke = clamp(wide / 340, 1.5, 3.5);
    const chosen = lit ? new Set(lit.items) : null;
    for (const { item, group, limbs, joints } of this.shapes.values()) {
      group.classList.toggle("off", !settings.shows(item));
      group.classList.toggle("lit", Boolean(chosen && chosen.has(item.id)));
      for (const node of group.querySelectorAll("rect, line:not(.dot)")) {
        node.style.strokeWidth = `${node.classList.contains("halo") ? stroke + 2 : stroke}px`;
      }
      limbs.forEach(({ a, b, pair }) => {
        const seen = item.joints[a][2] >= settings.joint && item.joints[b][2] >= settings.joint;
        pair.forEach((node) => node.classList.toggle("faint", !seen));
      });
      joints.forEach((pair, j) => {
        const big = lit && lit.joint === j && chosen.has(item.id);
        const size = big ? stroke * 4.5 : stroke * 1.9;
        pair.forEach((node) => node.classList.toggle("faint", item.joints[j][2] < settings.joint && !big));
        pair[0].style.strokeWidth = `${size + 2.5}px`;
        pair[1].style.strokeWidth = `${size}px`;
      });
    }
    this.svg.classList.toggle("dimmed", Boolean(chosen));
    this.plates.classList.toggle("dimmed", Boolean(chosen));
    this.cutScrim(chosen);
    this.placePlates(settings, lit, frame);
  }

  /** Darken everything but the lit boxes. */
  cutScrim(chosen) {
    if (!chosen) return;
    const { width, height } = this.data.picture;
    const boxes = [...chosen].map((id) => this.shapes.get(id)?.item.box).filter(Boolean);
    // With one box the hole is cut exactly; with several their holes could cancel where they overlap.
    const holes = boxes.length === 1 ? boxes.map(([a, b, c, d]) => `M${a} ${b}H${c}V${d}H${a}Z`).join("") : "";
    this.scrim.setAttribute("d", boxes.length === 1 ? `M0 0H${width}V${height}H0Z${holes}` : "");
  }

  /** Plates stand above their box, else inside it; a plate that would cover a better one waits for hover. */
  placePlates(settings, lit, frame) {
    this.plates.replaceChildren();
    if (!settings.labels && !lit) return;
    const [wide, tall] = [frame.clientWidth, frame.clientHeight];
    const scale = wide / this.data.picture.width;
    const taken = [];
    const litIds = new Set(lit ? lit.items : []);
    const order = [...this.shapes.values()].filter(({ item }) => settings.shows(item));
    order.sort((p, q) => litIds.has(q.item.id) - litIds.has(p.item.id));
    for (const { item, plate } of order) {
      const isLit = litIds.has(item.id);
      if (!settings.labels && !isLit) continue;
      if (isLit && lit.joint !== undefined) continue;
      this.plates.append(plate);
      plate.classList.toggle("lit", isLit);
      const [w, t] = [plate.offsetWidth, plate.offsetHeight];
      const [x1, y1, , y2] = item.box.map((v) => v * scale);
      const x = clamp(x1, 0, Math.max(0, wide - w));
      const spots = [y1 - t - 2, y1 + 2, y2 - t - 2].map((y) => clamp(y, 0, Math.max(0, tall - t)));
      const free = (y) => taken.every(([a, b, c, d]) => x >= c || x + w <= a || y >= d || y + t <= b);
      const y = spots.find(free) ?? (isLit ? spots[0] : null);
      if (y === null) { plate.remove(); continue; }
      taken.push([x, y, x + w, y + t]);
      plate.style.transform = `translate(${x}px, ${y}px)`;
    }
    if (lit && lit.joint !== undefined) this.placeJointPlate(lit, scale, wide, tall);
  }

  placeJointPlate({ items: [id], joint }, scale, wide, tall) {
    const { item } = this.shapes.get(id);
    const [x, y, s] = item.joints[joint];
    const color = this.data.jointColors[joint];
    const plate = h("div", { class: "plate lit", style: { background: color, color: inkOn(color) } });
    plate.append(this.data.joints[joint], h("span", { text: score(s) }));
    this.plates.append(plate);
    const left = clamp(x * scale + 12, 0, Math.max(0, wide - plate.offsetWidth));
    const top = clamp(y * scale - plate.offsetHeight - 8, 0, Math.max(0, tall - plate.offsetHeight));
    plate.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** What lies under a point of the picture: a joint within reach, else the smallest box around it. */
  hit(x, y, settings, reach) {
    let best = null;
    let size = Infinity;
    for (const { item } of this.shapes.values()) {
      if (!settings.shows(item)) continue;
      const j = (item.joints ?? []).findIndex(
        ([jx, jy, s]) => s >= settings.joint && Math.hypot(jx - x, jy - y) <= reach);
      if (j >= 0) return { items: [item.id], joint: j };
      const [x1, y1, x2, y2] = item.box;
      const area = (x2 - x1) * (y2 - y1);
      if (x >= x1 && x <= x2 && y >= y1 && y <= y2 && area < size) { best = item; size = area; }
    }
    return best ? { items: [best.id] } : null;
  }
}
