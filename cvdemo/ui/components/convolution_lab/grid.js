// A grid of numbers, each on the grey (or colour) that it stands for: a zoomed patch that can be read.

const VIEW = 10;

class NumberGrid {
  /** on: { point(i, j) | point(null), pick(i, j) }; both may be missing. */
  constructor(label, on = {}) {
    this.label = label;
    this.cells = [];
    this.on = on;
    this.node = h("div", { class: "grid", role: "group", tabindex: on.pick ? "0" : "-1" });
    const find = (event) => {
      const cell = event.target.closest?.(".cell");
      return cell ? [Number(cell.dataset.i), Number(cell.dataset.j)] : null;
    };
    this.node.addEventListener("pointermove", (event) => { const at = find(event); if (at) on.point?.(...at); });
    this.node.addEventListener("pointerleave", () => on.point?.(null));
    this.node.addEventListener("click", (event) => { const at = find(event); if (at) on.pick?.(...at); });
  }

  /** describe(i, j) -> { text, fill, outside, idle }. fill: "#rrggbb". */
  update(rows, columns, describe) {
    if (rows !== this.rows || columns !== this.columns) this.layOut(rows, columns);
    for (let i = 0; i < rows; i += 1) {
      for (let j = 0; j < columns; j += 1) {
        const cell = this.cells[i][j];
        const { text, fill, outside, idle } = describe(i, j);
        if (cell.firstChild.data !== text) cell.firstChild.data = text;
        cell.style.backgroundColor = fill;
        cell.style.color = inkOn(fill);
        cell.classList.toggle("outside", Boolean(outside));
        cell.classList.toggle("idle", Boolean(idle));
      }
    }
  }

  layOut(rows, columns) {
    this.rows = rows;
    this.columns = columns;
    this.cells = Array.from({ length: rows }, (_, i) => Array.from({ length: columns },
      (__, j) => h("span", { class: "cell", "data-i": i, "data-j": j, "aria-hidden": "true" }, document.createTextNode(""))));
    this.node.style.setProperty("--columns", columns || 1);
    this.node.replaceChildren(...this.cells.flat());
    this.node.setAttribute("aria-label", `${this.label}, ${rows} rows of ${columns} numbers`);
  }

  /** Mark the cells for which lit(i, j) holds. */
  light(lit) {
    this.cells.forEach((row, i) => row.forEach((cell, j) => {
      const on = lit(i, j);
      cell.classList.toggle("lit", on);
      if (!on) return;
      // Only the outer edge of the lit block is drawn.
      cell.style.setProperty("--top", lit(i - 1, j) ? "0px" : "2px");
      cell.style.setProperty("--bottom", lit(i + 1, j) ? "0px" : "2px");
      cell.style.setProperty("--left", lit(i, j - 1) ? "0px" : "2px");
      cell.style.setProperty("--right", lit(i, j + 1) ? "0px" : "2px");
    }));
  }
}

function grey(value, low, high) {
  const level = Math.round(clamp((value - low) / (high - low || 1), 0, 1) * 255);
  return rgb(level, level, level);
}

function rgb(...levels) {
  return `#${levels.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}

/** A level of one colour, a little darker than it is, so that one ink reads well on all of its levels. */
function tinted(level, channel) {
  return rgb(...["red", "green", "blue"].map((name) => (name === channel ? Math.round(level * 0.82) : 0)));
}
