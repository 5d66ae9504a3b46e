"""What a visitor chose in the explorer: kept for each network in the session, restored from the address bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import streamlit as st

from cvdemo.inspect.channels import SORTS, Sort
from cvdemo.inspect.layers import LayerTree
from cvdemo.registry import ModelSpec
from cvdemo.ui import address

View = Literal["channel", "mean", "max", "norm", "pca", "clusters"]
Scale = Literal["channel", "common"]
GROUPS = (3, 5, 8)
#: Tiles of one page of the grid.
PAGE = 256
_SLOT = "explorer_choices"
_ADDRESS = ("layer", "channel", "sort", "scale", "view", "groups", "item", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """layer: empty for the first one shown. channel: None for the first in the order. anchor: the channel that likeness
    is to. page: None for the one with the channel. item: which of the network's inputs. groups: of clustered cells."""

    layer: str = ""
    channel: int | None = None
    sort: Sort = "variance"
    anchor: int = 0
    scale: Scale = "channel"
    page: int | None = None
    view: View = "channel"
    groups: int = 5
    item: int = 0


def current(spec: ModelSpec) -> Choice:
    """The session's choice for a network, with what the address asks for on top."""
    choice = _all().get(spec.name, Choice())
    asked = {name: value for name in _ADDRESS if (value := address.take(name)) is not None}
    choice = changed(choice, asked)
    if asked.get("sort") == "similarity":
        choice = replace(choice, anchor=choice.channel or 0)
    _all()[spec.name] = choice
    return choice


def keep(spec: ModelSpec, choice: Choice) -> None:
    """Remember a choice, and write it into the address."""
    _all()[spec.name] = choice
    values, usual = asdict(choice), asdict(Choice())
    address.write(
        {name: str(values[name]) if values[name] not in (None, usual[name]) else None for name in _ADDRESS}
        | {"page": str(choice.page) if choice.page else None}
    )


def ask(spec: ModelSpec, told: object) -> None:
    """Take over what the browser asks for."""
    if isinstance(told, Mapping):
        _all()[spec.name] = changed(_all().get(spec.name, Choice()), told)


def changed(choice: Choice, asked: Mapping[str, Any]) -> Choice:
    """The choice with what is asked for; what makes no sense is ignored."""
    whole = {
        name: number
        for name in ("channel", "page", "item", "groups")
        if (number := _whole(asked.get(name))) is not None
    }
    if isinstance(layer := asked.get("layer"), str) and layer != choice.layer:
        choice = replace(choice, layer=layer[:200], channel=None, page=None, anchor=0)
        if choice.sort == "similarity":
            choice = replace(choice, sort="variance")
    if "groups" in whole and whole["groups"] not in GROUPS:
        del whole["groups"]
    choice = replace(
        choice,
        channel=whole.get("channel", choice.channel),
        page=whole.get("page", choice.page),
        item=whole.get("item", choice.item),
        groups=whole.get("groups", choice.groups),
    )
    if "channel" in whole and "view" not in asked:
        choice = replace(choice, view="channel")
    if asked.get("sort") in SORTS:
        # A new order begins at its start; a link that names a channel begins where that is.
        page = whole.get("page", None if "channel" in whole else 0)
        choice = replace(choice, sort=asked["sort"], page=page, anchor=choice.channel or 0)
    if asked.get("scale") in get_args(Scale):
        choice = replace(choice, scale=asked["scale"])
    if asked.get("view") in get_args(View):
        choice = replace(choice, view=asked["view"])
    return choice


def settled(choice: Choice, tree: LayerTree, items: int) -> Choice:
    """The choice with a layer, channel and item that exist."""
    maps = {node.name for node in tree.maps}
    if choice.layer not in maps:
        stages = tree.stages() or tree.maps
        # Early enough for edges and textures to be recognised.
        choice = replace(choice, layer=stages[min(2, len(stages) - 1)].name if stages else "", channel=None, page=None)
    shape = tree.find(choice.layer).output_shape
    count = shape[0] if shape else 0
    if choice.channel is not None and choice.channel >= count:
        choice = replace(choice, channel=None)
    if choice.anchor >= count:
        choice = replace(choice, anchor=0)
    if choice.page is not None and choice.page * PAGE >= count:
        choice = replace(choice, page=None)
    return choice if choice.item < items else replace(choice, item=0)


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None


def _all() -> dict[str, Choice]:
    choices: dict[str, Choice] = st.session_state.setdefault(_SLOT, {})
    return choices
