// How fast it is, and where the time goes.

const SPLIT = [
  ["wait", "waiting", "Waiting for other visitors' frames"],
  ["read", "reading", "Decoding the JPEG and arranging its numbers"],
  ["search", "finding people", "The detector, about once a second"],
  ["network", "network", "The network itself"],
  ["answer", "answer", "Turning the network's numbers into the answer"],
  ["way", "on the way", "Taking and compressing the picture, the connection both ways"],
];

class Figures {
  constructor(node) {
    this.node = node;
    this.reset();
  }

  reset() {
    this.answers = [];
    this.camera = [];
    this.sent = 0;
    this.shown = 0;
  }

  /** presented: the camera's count of frames. */
  saw(presented, now) {
    this.camera.push([now, presented]);
    this.camera = this.camera.filter(([t]) => now - t < 2000);
  }

  /** trip: milliseconds from taking a frame to its answer. Returns the server's share of it. */
  add(head, trip, now) {
    const ms = head.ms;
    const parts = { wait: ms.wait, read: ms.decode + ms.prepare, search: ms.search, network: ms.network, answer: ms.answer };
    const server = Object.values(parts).reduce((sum, part) => sum + part, 0);
    parts.way = Math.max(0, trip - server);
    this.answers.push({ now, trip, parts });
    this.answers = this.answers.filter((each) => now - each.now < 3000).slice(-120);
    this.head = head;
    return server;
  }

  get rate() {
    if (this.answers.length < 2) return 0;
    const first = this.answers[0].now;
    return (1000 * (this.answers.length - 1)) / (this.answers.at(-1).now - first || 1);
  }

  /** The answer whose round trip is the median. */
  get typical() {
    return [...this.answers].sort((a, b) => a.trip - b.trip)[Math.floor(this.answers.length / 2)];
  }

  get trip() {
    return this.typical?.trip ?? 0;
  }

  get cameraRate() {
    const [first, last] = [this.camera[0], this.camera.at(-1)];
    return first && last[0] > first[0] ? (1000 * (last[1] - first[1])) / (last[0] - first[0]) : 0;
  }

  show(capture, now) {
    if (now - this.shown < 400 || !this.answers.length) return;
    this.shown = now;
    const values = SPLIT.map(([key]) => this.typical.parts[key]); // of one answer, so that they add up to its trip
    const dropped = Math.max(0, this.cameraRate - this.rate);
    const bar = h("div", { class: "bar", "aria-hidden": "true" },
      ...values.map((value, i) => h("i", { class: `part${i}`, style: { flex: String(Math.max(0.001, value)) } })));
    const words = h("p", { class: "caption parts" }, ...SPLIT.map(([, name, help], i) => values[i] < 0.5 ? null :
      h("span", { title: help }, h("i", { class: `part${i}`, "aria-hidden": "true" }), `${name} ${values[i].toFixed(0)} ms`)));
    const others = this.head.users > 1 ? ` · shared by ${this.head.users} streams` : "";
    const facts = h("p", { class: "facts" },
      h("span", {}, h("b", { class: "fps", text: this.rate.toFixed(1) }), " results/s"),
      h("span", {}, h("b", { class: "trip", text: this.trip.toFixed(0) }), " ms round trip"),
      h("span", { title: "Pictures of the camera that were not sent, because one is on the way at a time" },
        h("b", { class: "dropped", text: dropped.toFixed(0) }), ` of ${this.cameraRate.toFixed(0)} camera frames/s dropped`),
      h("span", { class: "caption", text: `JPEG ${capture.canvas.width} × ${capture.canvas.height}, quality ${Math.round(capture.quality * 100)}${others}` }));
    this.node.replaceChildren(facts, bar, words);
    this.node.hidden = false;
  }
}
