// Thumbnails of the pictures at hand; picking one makes it the picture of every page.

export default function ({ data, parentElement, setTriggerValue }) {
  const group = parentElement.querySelector(".tiles");
  const shown = [...group.children].map((tile) => tile.dataset.key).join();
  if (shown !== data.tiles.map(({ key }) => key).join()) {
    group.replaceChildren(...data.tiles.map(({ key, title, alt, src }) => h("button",
      { type: "button", role: "radio", class: "tile", "data-key": key, "aria-label": `${title}: ${alt}`, title },
      h("img", { src, alt: "", draggable: "false" }))));
  }
  const tiles = [...group.children];
  const mark = (current) => {
    for (const tile of tiles) {
      tile.setAttribute("aria-checked", String(tile.dataset.key === current));
      tile.tabIndex = tile.dataset.key === current ? 0 : -1;
    }
  };
  const pick = (tile) => { mark(tile.dataset.key); setTriggerValue("picked", tile.dataset.key); };
  mark(data.current);
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
