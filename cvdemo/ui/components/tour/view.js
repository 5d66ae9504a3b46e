// A page's tour: a button that floats in the corner, and a card that tells one step at a time beside what it speaks of.
// Steps are turned here, without the server; how far one got is reported so that it is there again on the next visit.

const RING = "cvdemo-tour-place";

class Tour {
  constructor(node) {
    this.node = node;
    this.onkey = (event) => { if (event.key === "Escape") this.close(); };
  }

  update(data, send, follow) {
    this.send = send;
    this.follow = follow;
    if (this.data && this.data.page === data.page) return;
    this.data = data;
    this.state = { ...data.begin };
    this.draw();
  }

  draw(focus = false) {
    this.unmark();
    if (!this.state.open) { this.node.replaceChildren(this.button()); }
    else { this.node.replaceChildren(this.card()); this.mark(focus); }
    if (focus) this.node.querySelector(this.state.open ? "h2" : ".start").focus({ preventScroll: true });
  }

  button() {
    const { step, done } = this.state;
    const count = this.data.steps.length;
    const text = done ? "Tour" : step > 0 ? `Tour, ${step + 1} of ${count}` : `Tour, ${count} steps`;
    return h("button", { type: "button", class: "start", title: "What to look at on this page", onclick: () => this.open() },
      h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: "M5 20c0-4 14-4 14-8s-10-3-10-6a3 3 0 0 1 6 0M4 20h2" })), h("span", { text }));
  }

  card() {
    const { steps } = this.data;
    const at = this.state.step;
    const step = steps[at];
    const last = at === steps.length - 1;
    const go = (text, to, primary) => h("button", { type: "button", class: primary ? "push primary" : "push", text, onclick: to });
    return h("div", { class: "card", role: "dialog", "aria-modal": "false", "aria-labelledby": "tour-title", "aria-describedby": "tour-text", onkeydown: this.onkey },
      h("button", { type: "button", class: "close", text: "✕", "aria-label": "Close the tour", onclick: () => this.close() }),
      h("h2", { id: "tour-title", tabindex: "-1", text: step.title }), h("p", { id: "tour-text", text: step.text }),
      step.link ? h("button", { type: "button", class: "link", text: step.link, onclick: () => this.follow(at) }) : null,
      h("div", { class: "steps" }, h("span", { class: "dots", role: "img", "aria-label": `Step ${at + 1} of ${steps.length}` },
        ...steps.map((_, i) => h("i", { class: i === at ? "on" : null }))),
      at > 0 ? go("Back", () => this.turn(at - 1), false) : null, last ? go("Done", () => this.finish(), true) : go("Next", () => this.turn(at + 1), true)));
  }

  open() { this.state.open = true; if (this.state.done) { this.state.step = 0; } this.tell(); this.draw(true); }

  close() { this.state.open = false; this.tell(); this.draw(true); }

  finish() { this.state.done = true; this.state.step = 0; this.close(); }

  turn(step) { this.state.step = step; this.tell(); this.draw(true); }

  tell() { this.send("progress", { ...this.state }); }

  /** Ring the element that the step speaks of and bring it into view, above the card. */
  mark(scroll) {
    const found = this.data.steps[this.state.step].place.map((key) => document.querySelector(`.st-key-${key}`)).find(Boolean);
    if (!found) return;
    this.marked = found;
    found.classList.add(RING);
    if (!scroll) return;
    const box = found.getBoundingClientRect();
    const room = window.innerHeight * (window.innerWidth <= 640 ? 0.5 : 0.95);
    if (box.top >= 60 && Math.min(box.bottom, box.top + 200) <= room) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    found.style.scrollMarginTop = "72px";
    found.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }

  unmark() {
    this.marked?.classList.remove(RING);
    this.marked = null;
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const node = parentElement.querySelector(".tour");
  node.view ??= new Tour(node);
  node.view.update(data, setStateValue, (step) => setTriggerValue("follow", step));
  return () => setTimeout(() => { if (!node.isConnected) node.view.unmark(); }, 0);
}
