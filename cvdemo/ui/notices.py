"""Errors as sentences beside the control that caused them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cvdemo.errors import CvdemoError

_log = logging.getLogger("cvdemo")


def notice(sentence: str) -> None:
    """One sentence that says what is wrong and what to do."""
    st.markdown(f":material/info: {literal(sentence)}")


@contextmanager
def explained() -> Iterator[None]:
    """Whatever cvdemo can explain becomes a notice at this place; the rest of the page goes on."""
    try:
        yield
    except CvdemoError as error:
        notice(str(error))


def on_script_error(error: Exception) -> bool:
    """For st.App: log what nobody foresaw, and show one sentence in place of a stack trace."""
    _log.error("a page failed", exc_info=error)
    notice("Something went wrong on our side. Reload the page; if it stays, try another picture.")
    return True


def literal(text: str) -> str:
    """Text that may hold a file name, without Markdown's meanings."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>~:$" else c for c in text)
