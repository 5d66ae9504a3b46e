"""What a tour is made of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way to another page that shows what the text speaks of. page: its file, as st.switch_page takes it."""

    label: str
    page: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to look at. place: keys of the Streamlit element it is, the first that is on the page counts; none for
    the page as a whole."""

    title: str
    text: str
    place: tuple[str, ...] = ()
    link: Link | None = None


Tours = dict[str, tuple[Step, ...]]


def inside(label: str, **query: str) -> Link:
    """A way to a layer in the explorer."""
    return Link(label=label, page="inside.py", query=query)
