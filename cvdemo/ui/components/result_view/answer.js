// The answer in words and rows. Rows and overlay light up together.

const FIRST_ROWS = 12;
const FIRST_CHIPS = 10;

class Answer {
  constructor(data, view) {
    this.data = data;
    this.view = view;
    this.showAll = false;
    this.headline = h("h3", { class: "headline", "aria-live": "polite" });
    this.caption = h("p", { class: "caption" });
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Show only these classes" });
    this.list = h("ul", { class: "rows" });
    this.more = h("button", { type: "button", class: "push more", onclick: () => { this.showAll = !this.showAll; view.apply(); } });
    this.empty = h("div", { class: "empty" });
    this.node = h("div", { class: "answer" }, this.headline, this.caption, this.chips, this.list, this.more, this.empty);
    this.rows = new Map();
    const entries = data.mask ? data.mask.classes.filter(({ share }) => share >= 0.0005) : data.items;
    for (const entry of entries) this.rows.set(entry.id, this.row(entry));
    this.makeChips();
  }

  row(entry) {
    const value = entry.share ?? entry.score;
    const bar = h("i", { style: { width: `${clamp(value, 0, 1) * 100}%`, background: entry.color } });
    const button = h("button", { type: "button", class: "row", "aria-pressed": "false" },
      h("span", { class: "swatch", style: { background: entry.color } }),
      h("span", { class: "name", text: entry.name, title: entry.name }),
      h("span", { class: "bar", "aria-hidden": "true" }, bar),
      h("span", { class: "num", text: entry.share === undefined ? score(value) : percent(value) }));
    if (entry.share === undefined && value < this.data.unsure) button.classList.add("unsure");
    const target = entry.share === undefined ? { items: [entry.id] } : { classId: entry.id };
    this.listen(button, target, () => this.view.select(entry.id));
    const surest = entry.joints ? entry.joints.reduce((best, [, , s], j, all) => (s > all[best][2] ? j : best), 0) : undefined;
    const item = h("li", {}, h("div", { class: "asked" }, button, this.why(entry.name, entry.id, surest)));
    if (!entry.joints) return { entry, item, button };
    const joints = h("ul", { class: "joints", hidden: true, "aria-label": `Joints of ${entry.name}` });
    const buttons = entry.joints.map(([, , s], j) => {
      const dot = h("span", { class: "swatch round", style: { background: this.data.jointColors[j] } });
      const joint = h("button", { type: "button" }, dot, h("span", { text: this.data.joints[j] }), h("span", { class: "num", text: score(s) }));
      this.listen(joint, { items: [entry.id], joint: j }, null);
      joints.append(h("li", { class: "asked" }, joint, this.why(this.data.joints[j], entry.id, j, "?")));
      return joint;
    });
    item.append(joints);
    return { entry, item, button, joints, buttons };
  }

  why(name, id, joint, text = "Why") {
    return h("button", { type: "button", class: "why", text, "aria-label": `Why ${name}`, title: `Where the network found ${name}: opens the explorer`,
      onclick: () => this.view.why(id, joint) });
  }

  listen(button, target, onclick) {
    button.addEventListener("pointerenter", () => this.view.light(target));
    button.addEventListener("pointerleave", () => this.view.light(null));
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) this.view.light(target); });
    button.addEventListener("blur", () => this.view.light(null));
    if (onclick) button.addEventListener("click", onclick);
    button.addEventListener("keydown", (event) => this.step(event, button));
  }

  /** Up and down move between rows; Escape lets go of the selection. */
  step(event, button) {
    if (event.key === "Escape") this.view.select(null);
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    const buttons = [...this.list.querySelectorAll("button:not(.why)")].filter((b) => b.offsetParent !== null);
    const next = buttons[buttons.indexOf(button) + way];
    if (next) { event.preventDefault(); next.focus(); }
  }

  makeChips() {
    const classes = new Map();
    for (const item of this.data.task === "detect" ? this.data.items : []) {
      if (!classes.has(item.classId)) classes.set(item.classId, item);
    }
    this.chipOf = new Map();
    for (const [classId, item] of classes) {
      const count = h("span", { class: "num" });
      const chip = h("button", { type: "button", class: "chip", "aria-pressed": "false", title: `Show only ${item.many}` },
        h("span", { class: "swatch", style: { background: item.color } }), h("span", { text: item.name }), count);
      chip.addEventListener("click", () => this.view.toggleClass(classId));
      chip.addEventListener("pointerenter", () => this.view.light(this.view.itemsOfClass(classId)));
      chip.addEventListener("pointerleave", () => this.view.light(null));
      this.chipOf.set(classId, { chip, count });
      this.chips.append(chip);
    }
  }

  /** Bring everything in line with the settings. */
  apply(settings, lit, selected) {
    const shown = [...this.rows.values()].filter(({ entry }) => entry.share !== undefined || settings.shows(entry));
    const cut = this.showAll ? shown : shown.slice(0, FIRST_ROWS);
    const same = cut.length === this.list.children.length && cut.every(({ item }, i) => this.list.children[i] === item);
    if (!same) this.list.replaceChildren(...cut.map(({ item }) => item));
    this.list.classList.toggle("many", cut.length > 8);
    this.more.hidden = shown.length <= FIRST_ROWS;
    this.more.textContent = this.showAll ? `Show the first ${FIRST_ROWS}` : `Show all ${shown.length}`;
    for (const [id, { entry, button, joints, buttons }] of this.rows) {
      button.classList.toggle("lit", this.isLit(entry, lit));
      button.setAttribute("aria-pressed", String(selected === id));
      if (!joints) continue;
      joints.hidden = !(selected === id || shown.length === 1);
      buttons.forEach((joint, j) => {
        joint.classList.toggle("below", entry.joints[j][2] < settings.joint);
        joint.classList.toggle("lit", Boolean(lit && lit.joint === j && lit.items.includes(id)));
      });
    }
    let chips = 0;
    for (const [classId, { chip, count }] of this.chipOf) {
      const n = this.data.items.filter((item) => item.classId === classId && item.score >= settings.score).length;
      count.textContent = n;
      chip.hidden = n === 0 || (++chips > FIRST_CHIPS && !settings.only.includes(classId));
      chip.setAttribute("aria-pressed", String(settings.only.includes(classId)));
      chip.classList.toggle("out", settings.only.length > 0 && !settings.only.includes(classId));
    }
    const chipsShown = [...this.chipOf.values()].filter(({ chip }) => !chip.hidden).length;
    this.chips.hidden = chipsShown < 2 && settings.only.length === 0;
    this.headline.textContent = this.words(shown, settings);
    this.caption.textContent = this.subtitle(settings);
    this.offer(shown, settings);
  }

  isLit(entry, lit) {
    if (!lit) return false;
    return entry.share === undefined ? Boolean(lit.items && lit.items.includes(entry.id)) : lit.classId === entry.id;
  }

  /** "3 people, 1 bus" or "road 41 %, building 23 %". */
  words(shown, settings) {
    if (this.data.mask) {
      return shown.slice(0, 3).map(({ entry }) => `${entry.name} ${percent(entry.share)}`).join(", ");
    }
    if (!shown.length) return settings.only.length ? "Nothing of the chosen classes." : `Nothing above ${score(settings.score)}.`;
    const counts = new Map();
    for (const { entry } of shown) counts.set(entry.many, [...(counts.get(entry.many) ?? []), entry]);
    const parts = [...counts.values()].map((group) => counted(group.length, group[0].one, group[0].many));
    return parts.length > 5 ? `${parts.slice(0, 5).join(", ")} and ${parts.length - 5} more kinds` : parts.join(", ");
  }

  subtitle(settings) {
    if (this.data.mask && settings.paint === "doubt") {
      return "Bright: the network hesitates between classes. Dark: it is sure, which is not the same as right.";
    }
    if (this.data.mask) return "Share of the picture's pixels. Hover a class to see it alone, click to keep it so.";
    return `Score ${score(settings.score)} and above. Hover a row to find it on the picture.`;
  }

  /** An empty answer says why and offers the next move. */
  offer(shown, settings) {
    this.empty.replaceChildren();
    if (this.data.mask || shown.length) return;
    this.caption.textContent = "";
    const allowed = this.data.items.filter((item) => !settings.only.length || settings.only.includes(item.classId));
    if (settings.only.length) {
      this.empty.append(h("button", { type: "button", class: "push", text: "Show all classes", onclick: () => this.view.set("only", []) }));
    }
    const best = allowed[0];
    if (best && best.score < settings.score) {
      const lower = Math.max(this.data.limits.score[0], Math.floor(best.score * 100) / 100);
      this.empty.append(
        h("p", { text: `Best guess: ${best.one} ${score(best.score)}. Lower the threshold?` }),
        h("button", { type: "button", class: "push primary", text: `Lower it to ${score(lower)}`, onclick: () => this.view.set("score", lower) }));
    } else if (!best) {
      this.empty.append(h("p", { text: this.data.nothing }));
    }
  }
}
