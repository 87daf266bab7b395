"""What our pages in one file share: templates, media inside the page, and the policy that keeps everything else out.

Nothing in such a page comes from elsewhere: style, script and media are inside, and its own policy forbids the browser
to fetch anything. Labels, texts and reasons are strangers' words and are escaped; the only script and style that the
browser will run are ours, by their hash.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from filmbench.harness.media import proxy
from filmbench.harness.report import words
from filmbench.harness.store import Store

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Embedded:
    """A medium as a ``data:`` address, and which player it wants."""

    source: str
    kind: proxy.Player


def embedded(store: Store, sha256: str, media_type: str, role: str) -> Embedded:
    """A small copy of an artifact of an arm with this role; what a machine made says so in its metadata.

    Raises :class:`UsageError` when it is gone or cannot be played.
    """
    source = store.artifacts.find(sha256)
    comment = "machine-made" if role == "arm" else ""
    made = proxy.kept(store.folder / "proxies", sha256, media_type, source, comment)
    return Embedded(f"data:{made.media_type};base64,{base64.b64encode(made.data).decode()}", made.player)


def environment() -> Environment:
    """Our templates, everything in them escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_file), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["count"] = words.count
    made.filters["rank"] = words.rank
    made.filters["money"] = words.money
    made.globals["dates"] = words.dates
    made.globals["heading"] = words.heading
    return made


def ours(name: str) -> Any:
    """A file of this package as it is, unescaped."""
    from markupsafe import Markup

    return Markup(_file(name))  # noqa: S704 - our own file, not a stranger's words


def policy(style: str, script: str = "") -> str:
    """The content security policy of a page with this style and script."""
    allowed = f"default-src 'none'; media-src data:; img-src data:; style-src {_hash(style)}"
    return f"{allowed}; script-src {_hash(script)}" if script else allowed


def _file(name: str) -> str:
    return files("filmbench.harness.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
