// Small square pictures in a row that wraps: to look at, or, with `pick`, to choose one of.

export default function ({ data, parentElement, setTriggerValue }) {
  const group = parentElement.querySelector(".tiles");
  group.style.setProperty("--size", data.size);
  group.style.setProperty("--aspect", data.aspect ?? "1");
  group.setAttribute("role", data.pick ? "radiogroup" : "list");
  group.setAttribute("aria-label", data.label);
  if (group.dataset.shape !== shapeOf(data)) {
    group.dataset.shape = shapeOf(data);
    group.replaceChildren(...data.tiles.map(() => h(data.pick ? "button" : "div",
      { class: "tile", role: data.pick ? "radio" : "listitem", type: data.pick ? "button" : null },
      h("img", { draggable: "false" }), h("span", { class: "caption" }, h("b"), h("span")))));
  }
  const tiles = [...group.children];
  data.tiles.forEach((told, i) => fill(tiles[i], told, data));
  if (data.pick) keys(tiles, (tile) => { mark(tiles, tile); setTriggerValue("picked", tile.dataset.key); });
}

function shapeOf(data) {
  return `${data.pick} ${data.tiles.length}`;
}

function fill(tile, { key, src, title, caption, alt, wrong }, { pick, current }) {
  const [image, words] = tile.children;
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = pick ? "" : alt;
  tile.dataset.key = key;
  tile.classList.toggle("wrong", Boolean(wrong));
  const [strong, rest] = words.children;
  strong.textContent = title ?? "";
  rest.textContent = caption ?? "";
  strong.hidden = !title;
  words.hidden = !title && !caption;
  if (!pick) return;
  tile.setAttribute("aria-label", alt);
  tile.title = alt;
  tile.setAttribute("aria-checked", String(key === current));
  tile.tabIndex = key === current ? 0 : -1;
}

function mark(tiles, chosen) {
  for (const tile of tiles) {
    tile.setAttribute("aria-checked", String(tile === chosen));
    tile.tabIndex = tile === chosen ? 0 : -1;
  }
}

/** A click chooses; arrow keys move on and choose. Without a current tile the first one takes the focus. */
function keys(tiles, pick) {
  if (tiles.length && tiles.every((tile) => tile.tabIndex < 0)) tiles[0].tabIndex = 0;
  for (const tile of tiles) {
    tile.onclick = () => pick(tile);
    tile.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tiles[(tiles.indexOf(tile) + step + tiles.length) % tiles.length];
      next.focus();
      pick(next);
    };
  }
}
