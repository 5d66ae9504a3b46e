// Frames for the server: the newest picture of the camera as a JPEG, as large and as good as the connection allows.

/** Longest side in pixels and JPEG quality, from frugal to fine. */
const STEPS = [[192, 0.5], [256, 0.6], [320, 0.65], [400, 0.7], [480, 0.75], [560, 0.8], [640, 0.8]];
/** Milliseconds: what one answer may take to keep ten a second, and of that, what may be spent on the way. */
const BUDGET_MS = 100;
const ON_THE_WAY_MS = 30;

class Capture {
  constructor(video) {
    this.video = video;
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.step = 3;
    this.slow = this.fast = 0;
    this.coarsest = 0;
    this.finest = STEPS.length - 1;
  }

  /** side: of the network's input. Finer frames than a quarter above that only cost time, much coarser ones cost sight. */
  suit(side) {
    const within = (limit) => Math.max(0, STEPS.findLastIndex(([each]) => each <= limit));
    this.finest = within(Math.max(320, side * 1.25));
    this.coarsest = within(Math.min(320, side * 0.8));
    this.go(0);
  }

  get side() { return STEPS[this.step][0]; }
  get quality() { return STEPS[this.step][1]; }

  async take() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, this.side / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.max(1, Math.round(videoWidth * scale)), Math.max(1, Math.round(videoHeight * scale))];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.context.drawImage(this.video, 0, 0, width, height);
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", this.quality));
  }

  /** The whole picture of the camera, for the other pages. */
  still() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = h("canvas", { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    return canvas.toDataURL("image/jpeg", 0.92);
  }

  /** After an answer: a step down when the way takes too long, a step up when there is time to spare. */
  learn(roundTrip, server) {
    const way = roundTrip - server;
    const slow = roundTrip > BUDGET_MS && way > ON_THE_WAY_MS;
    const fast = way < ON_THE_WAY_MS / 2 || roundTrip < BUDGET_MS / 2;
    this.slow = slow ? this.slow + 1 : 0;
    this.fast = fast ? this.fast + 1 : 0;
    if (this.slow >= 4) this.go(-1);
    if (this.fast >= 25) this.go(1);
  }

  go(by) {
    this.step = clamp(this.step + by, this.coarsest, this.finest);
    this.slow = this.fast = 0;
  }
}
