// One step: its name, its control and the whole picture with the frame; and, apart from them, the numbers under the frame.

class StepColumn {
  /** drag(y, x, done): the frame's middle in shares of the picture, 0..1. */
  constructor(title, control, help, grid, drag) {
    this.title = title;
    this.grid = grid;
    this.image = h("img", { draggable: "false" });
    this.mark = h("div", { class: "mark", "aria-hidden": "true" });
    this.shot = h("div", { class: "shot" }, this.image, this.mark);
    this.note = h("p", { class: "caption note" });
    this.node = h("section", { class: "step", "aria-label": title },
      h("div", { class: "head" }, h("h3", { text: title, title: help }), control),
      h("div", { class: "box" }, this.shot, h("span", { class: "off caption" })), this.note);
    this.numbers = h("section", { class: "step numbers", "aria-label": `Numbers of ${title}` }, h("p", { class: "caption", text: title }), grid.node);
    this.listen(drag);
  }

  listen(drag) {
    let last = null;
    const move = (event, done) => {
      const box = this.shot.getBoundingClientRect();
      last = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
      drag(...last, done);
    };
    this.shot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      if (event.pointerType !== "touch") { event.preventDefault(); this.shot.setPointerCapture(event.pointerId); }
      this.dragging = event.pointerType !== "touch";
      if (this.dragging) move(event, false);
    });
    this.shot.addEventListener("pointermove", (event) => { if (this.dragging) move(event, false); });
    this.shot.addEventListener("pointerup", (event) => { if (this.dragging) move(event, true); this.dragging = false; });
    this.shot.addEventListener("pointercancel", () => { this.dragging = false; });
    // A finger scrolls the page; only its tap moves the frame.
    this.shot.addEventListener("click", (event) => { if (event.pointerType === "touch") move(event, true); });
  }

  /** picture: { src, width, height }, or null for a step that is off or has nothing to show, which `why` says. */
  show(picture, alt, note, why) {
    this.node.classList.toggle("none", !picture);
    this.numbers.classList.toggle("none", !picture);
    this.grid.node.dataset.why = picture ? "" : why;
    this.node.querySelector(".off").textContent = picture ? "" : why;
    this.note.textContent = picture ? note : "\u00a0";
    if (!picture) return;
    if (this.image.src !== picture.src) this.image.src = picture.src;
    this.image.alt = alt;
    this.shot.style.setProperty("--ratio", (picture.width / picture.height).toFixed(4));
    this.size = picture;
  }

  /** Put the frame around so many cells. */
  frame(row, column, rows, columns) {
    if (!this.size) return;
    const { width, height } = this.size;
    Object.assign(this.mark.style, { left: `${(column / width) * 100}%`, top: `${(row / height) * 100}%`,
      width: `${(columns / width) * 100}%`, height: `${(rows / height) * 100}%` });
    this.mark.hidden = !rows || !columns;
  }
}
