"""Suites: what is asked of whom, on which data, as a TOML file that says where it is wrong.

A suite holds one or more tasks; a task is one contract on one dataset, asked of several arms:

    name = "my-voices"

    [[tasks]]
    contract = "tts"
    dataset = "film-lines@1.0.0"
    languages = ["en"]
    per_cluster = 1

    [[tasks.arms]]
    provider = "local/kokoro"
    label = "Kokoro, Heart"
    params = { voice = { en = "af_heart", es = "ef_dora" } }
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from filmbench.harness import registry
from filmbench.harness.contracts import CONTRACTS, STAGES
from filmbench.harness.types import UsageError, canonical_json, digest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

QUICK = "-quick"
"""How the name of a suite ends that takes a minute and needs no key: together they are the demo."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArmEntry(_Strict):
    """One provider with its parameters. A parameter may be a table by language."""

    provider: str
    label: str = ""
    params: dict[str, Any] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """The label, or the provider's id where none was given."""
        return self.label or self.provider


class TaskEntry(_Strict):
    """One contract on a selection of one dataset; ``per_cluster`` and ``limit`` count within each language."""

    contract: str
    dataset: str
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    per_cluster: int | None = Field(default=None, ge=1)
    limit: int | None = Field(default=None, ge=1)
    takes: int = Field(default=1, ge=1)
    metrics: tuple[str, ...] = ()
    arms: tuple[ArmEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _labels_differ(self) -> TaskEntry:
        names = [arm.name for arm in self.arms]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two arms are called {twice[0]!r}: give each its own label")
        return self


class Suite(_Strict):
    """A validated suite file.

    ``unpriced`` says what a cap does with arms whose price is unknown: it refuses to start, or skips them.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: str = ""
    seed: int = 0
    timeout: float = Field(default=120.0, gt=0)
    cap_usd: Decimal | None = Field(default=None, ge=0)
    unpriced: Literal["stop", "skip"] = "stop"
    failures: Literal["worst", "separate"] = "separate"
    endpoints: dict[str, str] = Field(default_factory=dict)
    plans: dict[str, str] = Field(default_factory=dict)
    margins: dict[str, float] = Field(default_factory=dict)
    accept: dict[str, float] = Field(default_factory=dict)
    weights: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    tasks: tuple[TaskEntry, ...] = Field(min_length=1)

    @property
    def sha256(self) -> str:
        """Of the validated content: white space and comments do not count."""
        return digest(self.model_dump(mode="json"))

    def to_json(self) -> str:
        """The whole suite as canonical JSON, for the run's manifest."""
        return canonical_json(self.model_dump(mode="json"))


def built_in() -> tuple[str, ...]:
    """Names of the suites that come with filmbench."""
    return tuple(sorted(item.name.removesuffix(".toml") for item in _folder().iterdir() if item.name.endswith(".toml")))


def demo(stages: tuple[str, ...] = ()) -> Suite:
    """The quick suites of ``stages`` (all by default) as one. Raises :class:`UsageError` for a stage there is not."""
    for stage in stages:
        if stage not in STAGES:
            raise UsageError(f"there is no stage {stage!r}", f"stages: {', '.join(STAGES)}")
    quick = [load(name) for name in built_in() if name.endswith(QUICK)]
    tasks = [task for suite in quick for task in suite.tasks if task.contract.split("/")[0] in (stages or STAGES)]
    tasks.sort(key=lambda task: tuple(CONTRACTS).index(task.contract))
    if not tasks:
        raise UsageError(f"no quick suite covers {', '.join(stages)} yet", f"built-in suites: {', '.join(built_in())}")
    name = "-".join(("demo", *sorted(stages, key=STAGES.index)))
    timeout = max(suite.timeout for suite in quick)
    return Suite(name=name, title="Every stage of a film, quick", timeout=timeout, tasks=tuple(tasks))


def load(reference: str) -> Suite:
    """A suite by the name of a built-in one or by path. Raises :class:`UsageError` with file, line and key."""
    if reference in built_in():
        file = f"{reference}.toml"
        return parse((_folder() / file).read_text(encoding="utf-8"), file)
    path = Path(reference)
    if not path.is_file():
        import difflib

        near = difflib.get_close_matches(reference, built_in(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"built-in suites: {', '.join(built_in())}; or give a TOML file"
        raise UsageError(f"there is no suite {reference!r}", hint)
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
    return parse(content, str(path))


def parse(content: str, file: str) -> Suite:
    """A suite from TOML text; ``file`` names it in errors."""
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not valid TOML: {error}") from None
    try:
        suite = Suite.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line = _line(content, first["loc"])
        key = ".".join(str(part) for part in first["loc"]) or "suite"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        said = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{file}, line {line}, {key}: {said[:1].lower()}{said[1:]}{more}") from None
    for id in suite.weights:
        try:
            registry.metrics().get(id)
        except UsageError as error:
            line = _line(content, ("weights", id))
            raise UsageError(f"{file}, line {line}, weights.{id}: {error}", error.hint) from None
    return suite


def _folder() -> Any:
    return files("filmbench.harness.suites")


def _line(content: str, location: tuple[int | str, ...]) -> int:
    """The line where ``location`` is written: tables are counted by their headers, keys looked up below."""
    lines = content.splitlines()
    at = 0
    path = ""
    for part in location:
        if isinstance(part, int):
            headers = [i for i, line in enumerate(lines) if i >= at and line.strip().replace(" ", "") == f"[[{path}]]"]
            at = headers[part] if part < len(headers) else at
            continue
        path = f"{path}.{part}" if path else part
        at = next((i for i in range(at, len(lines)) if _names(lines[i], part, path)), at)
    return at + 1


def _names(line: str, key: str, path: str) -> bool:
    bare = line.strip()
    return bare.split("=")[0].strip().strip('"') == key or bare.replace(" ", "") in (f"[{path}]", f"[[{path}]]")
