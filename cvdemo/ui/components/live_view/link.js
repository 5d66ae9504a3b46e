// The browser's half of cvdemo/live/protocol.py: a socket that comes back by itself, and how its messages are read.

const CLOSED = {
  4408: ["The stream rested for a while", "Its place was given to the next visitor. Start again when you like."],
  4410: ["The network is too slow", "Answers did not get through. Start again where the connection is better."],
  4413: ["The stream was closed", "A picture was larger than this server takes. Start again."],
  4429: ["The stream was closed", "This page sent too much. Reload it."],
  4503: ["The live page is full", "All places and the queue are taken. Try again in a few minutes."],
};
const FIRST_WAIT_S = 0.5;
const LONGEST_WAIT_S = 10;

class Link {
  /** on: { message(object), answer(head, parts), lost(seconds, attempt), closed(title, text) } */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.attempt = 0;
  }

  open() {
    this.close();
    const socket = (this.socket = new WebSocket(this.url));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") {
        const message = JSON.parse(data);
        if (message.type === "hello") this.attempt = 0;
        this.on.message(message);
      } else this.on.answer(...readAnswer(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (CLOSED[code]) this.on.closed(...CLOSED[code]);
      else if (code === 1011) this.on.closed("The stream was closed", reason || "Something went wrong on our side. Start again.");
      else this.retry();
    };
  }

  retry() {
    const wait = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** this.attempt++) * (0.8 + 0.4 * Math.random());
    this.timer = setTimeout(() => this.open(), wait * 1000);
    this.on.lost(wait, this.attempt);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  settings(fields) {
    if (this.isOpen) this.socket.send(JSON.stringify({ type: "settings", ...fields }));
  }

  async frame(number, blob) {
    const jpeg = await blob.arrayBuffer();
    const message = new Uint8Array(4 + jpeg.byteLength);
    new DataView(message.buffer).setUint32(0, number);
    message.set(new Uint8Array(jpeg), 4);
    if (this.isOpen) this.socket.send(message);
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }
}

/** [head, {name: Blob}] of an answer. */
function readAnswer(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const parts = {};
  let at = 4 + length;
  for (const [name, size] of head.parts) {
    parts[name] = new Blob([new Uint8Array(buffer, at, size)], { type: "image/png" });
    at += size;
  }
  return [head, parts];
}
