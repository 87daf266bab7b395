"""VBench's and VBench-2.0's own numbers of an arm's clips, for users who installed them: under their own names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filmbench.harness.protocols import MetricSpec, Requirement, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.video import vbench
from filmbench.metrics.video.vbench_program import VBENCH, VBENCH2, Program, Prompt

TAKES, TAKES2, TAKES2_DIVERSITY = 5, 3, 20
OWN_PROMPTS_ONLY = frozenset(
    {"object_class", "multiple_objects", "scene", "appearance_style", "color", "spatial_relationship"}
)
"""What VBench does not judge on other prompts than its own (its ``check_dimension_requires_extra_info``)."""
LONGEST_NAME2 = 180
"""VBench-2.0 looks for files named by the first letters of their prompt."""


def _specs(program: Program, names: Sequence[str]) -> tuple[MetricSpec, ...]:
    title = {"vbench": "VBench", "vbench2": "VBench-2.0"}[program.package]
    remedy = (
        f"install {title} in an environment of its own (pip install {program.package}), "
        f"then export {program.variable}=…/bin/{program.package}"
    )
    return tuple(
        MetricSpec(
            id=f"{program.package}.{name.lower().replace('-', '_')}",
            title=f"{title} {name.replace('_', ' ').lower()}",
            unit="%",
            signature=f"{program.package}.{name.lower()}|{program.package}:{program.version}",
            contracts=("video",),
            higher_is_better=True,
            provenance="library",
            needs=("video",),
            requires=(Requirement("command", program.variable, remedy),),
            core=False,
            over="set",
        )
        for name in names
    )


class VBench:
    """VBench's sixteen dimensions and three totals of an arm's clips, in percent, by VBench itself.

    What: the clips are handed to the program ``vbench`` in the user's own environment, a dimension at a time. Where all
    prompts of the set are VBench's own they are judged in its standard way; on other prompts in its mode for custom
    input, which has ten of the dimensions. The totals are those of its leaderboard: normalised dimensions, quality and
    semantic means, (4 Q + S) / 5.
    Range: 0..100 for dimensions, about that for totals; higher is better. Raw, not normalised, as VBench prints them.
    Needs: VBench and a GPU: ``None: needs FILMBENCH_VBENCH`` until the variable names its program. mp4 clips. Totals:
    all 946 prompts with five takes each; on less they are ``None``, never filled with zeros.
    Ignores: sound; whatever the clip was asked for beyond its prompt.
    Known failures: only values on VBench's whole own set compare with its leaderboard. A still clip wins four of the
    seven quality dimensions. In its standard way VBench wants static clips filtered out for temporal flickering, which
    is left to its user. Not a core column: name it in the suite's ``metrics``.
    Provenance: library: VBench's own result file; the totals pinned by CogVideoX-5B's.
    Source: Huang et al., "VBench", CVPR 2024; github.com/Vchitect/VBench.
    Licence: Apache-2.0 (VBench; its networks have their own).
    """

    dimensions = (*vbench.QUALITY, *vbench.SEMANTIC)
    specs = _specs(VBENCH, (*dimensions, "quality_score", "semantic_score", "total_score"))

    def score_set(self, views: Sequence[View], wanted: Collection[str]) -> Sequence[Score]:
        """Hand the role ``video`` of all takes to VBench."""
        asked = _Asked(VBENCH, views, lambda prompt: TAKES)
        totals = {"quality_score", "semantic_score", "total_score"} & {id.split(".")[1] for id in wanted}
        chosen = [name for name in self.dimensions if totals or f"vbench.{name}" in wanted]
        found = _each(chosen, lambda folder, name: self._measure(asked, folder, name), asked)
        scores = [_score(f"vbench.{name}", found[name]) for name in chosen]
        if totals:
            scores += self._totals(asked, found)
        return scores

    def _measure(self, asked: _Asked, folder: Path, name: str) -> float:
        if asked.standard:
            if not asked.of(name):
                raise Unmeasurable("none of its prompts was asked")
            return VBENCH.evaluate(name, folder, "vbench_standard")
        if name in OWN_PROMPTS_ONLY:
            raise Unmeasurable("VBench judges this on its own prompts only")
        return VBENCH.evaluate(name, folder, "custom_input", asked.names)

    def _totals(self, asked: _Asked, found: Mapping[str, float | str]) -> Iterator[Score]:
        values = {name: value for name, value in found.items() if isinstance(value, float)}
        whole = asked.standard and not any(asked.lacking(name) for name in self.dimensions)
        if whole and len(values) == len(self.dimensions):
            sums = vbench.totals(values)
            for name, value in (("quality", sums.quality), ("semantic", sums.semantic), ("total", sums.total)):
                yield Score(f"vbench.{name}_score", 100 * value)
            return
        reason = "a dimension has no value" if whole else f"needs all of VBench's own prompts, {TAKES} takes each"
        yield from (Score(f"vbench.{name}_score", None, reason) for name in ("quality", "semantic", "total"))


class VBench2:
    """VBench-2.0's eighteen dimensions, five groups and total of an arm's clips, in percent, by VBench-2.0 itself.

    What: the clips are handed to the program ``vbench2`` in the user's own environment, a dimension at a time. A group
    is the mean of its dimensions, the total the mean of the five groups.
    Range: 0..100, higher is better.
    Needs: VBench-2.0 and a GPU: ``None: needs FILMBENCH_VBENCH2`` until the variable names its program. mp4 clips of
    its own prompts, three takes each (diversity: twenty); a dimension whose prompts are not all there is ``None``.
    Ignores: sound.
    Known failures: it cannot judge other prompts than its own. Not a core column: name it in the suite's ``metrics``.
    Provenance: library: VBench-2.0's own result file.
    Source: Zheng et al., "VBench-2.0", 2025; github.com/Vchitect/VBench.
    Licence: Apache-2.0 (VBench-2.0; its networks have their own).
    """

    groups = vbench.GROUPS2
    dimensions = tuple(name for group in vbench.GROUPS2.values() for name in group)
    specs = _specs(VBENCH2, (*dimensions, *vbench.GROUPS2, "total_score"))

    def score_set(self, views: Sequence[View], wanted: Collection[str]) -> Sequence[Score]:
        """Hand the role ``video`` of all takes to VBench-2.0."""
        ids = {name: f"vbench2.{name.lower().replace('-', '_')}" for name in self.dimensions}
        sums = {f"vbench2.{name}" for name in (*self.groups, "total_score")} & {*wanted}
        asked = _Asked(VBENCH2, views, _takes2, LONGEST_NAME2)
        chosen = [name for name, id in ids.items() if sums or id in wanted]
        found = _each(chosen, lambda folder, name: self._measure(asked, folder, name), asked)
        scores = [_score(ids[name], found[name]) for name in chosen]
        for id in sorted(sums):
            name = id.split(".")[1]
            values = [found[one] for one in self.groups.get(name, self.dimensions)]
            numbers = {one: value for one, value in found.items() if isinstance(value, float)}
            if all(isinstance(value, float) for value in values):
                scores.append(Score(id, 100 * vbench.totals2(numbers, self.groups.get(name))))
            else:
                scores.append(Score(id, None, "a dimension of it has no value"))
        return scores

    def _measure(self, asked: _Asked, folder: Path, name: str) -> float:
        if not asked.standard:
            raise Unmeasurable("VBench-2.0 judges its own prompts only")
        if few := asked.lacking(name):
            raise Unmeasurable(f"{few} of its prompts lack takes, and VBench-2.0 judges a dimension whole")
        return VBENCH2.evaluate(name, folder, "vbench_standard")


def _takes2(prompt: Prompt) -> int:
    return TAKES2_DIVERSITY if "Diversity" in prompt.dimensions else TAKES2


class _Asked:
    """What an arm was asked for, as a benchmark sees it: its own prompts or others, and each clip's file name."""

    def __init__(
        self, program: Program, views: Sequence[View], takes: Callable[[Prompt], int], longest: int | None = None
    ) -> None:
        self._views, self._takes = views, takes
        self._own = program.prompts()
        texts = [view.sample.text("prompt") for view in views]
        self.standard = {*texts} <= {prompt.text for prompt in self._own}
        self._count = {text: texts.count(text) for text in texts}
        seen: dict[str, int] = {}
        files = []
        for number, text in enumerate(texts):
            seen[text] = seen.get(text, -1) + 1
            files.append(f"{text[:longest]}-{seen[text]}.mp4" if self.standard else f"{number:06d}.mp4")
        self.names = dict(zip(files, texts, strict=True))

    def of(self, dimension: str) -> bool:
        """Whether any of the dimension's own prompts was asked."""
        return any(dimension in prompt.dimensions and prompt.text in self._count for prompt in self._own)

    def lacking(self, dimension: str) -> int:
        """How many of the dimension's own prompts lack takes."""
        own = [prompt for prompt in self._own if dimension in prompt.dimensions]
        return sum(self._count.get(prompt.text, 0) < self._takes(prompt) for prompt in own)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder with all clips under the names that the benchmark looks for."""
        with tempfile.TemporaryDirectory(prefix="filmbench-") as made:
            for name, view in zip(self.names, self._views, strict=True):
                clip = view.output("video")
                if clip.artifact.media_type != "video/mp4":
                    raise Unmeasurable(f"VBench reads mp4, not {clip.artifact.media_type}")
                (Path(made) / name).symlink_to(clip.path.absolute())
            yield Path(made)


def _each(names: Sequence[str], measure: Callable[[Path, str], float], asked: _Asked) -> dict[str, float | str]:
    """The value of each dimension, or the reason why it has none."""
    found: dict[str, float | str] = {}
    try:
        with asked.folder() as folder:
            for name in names:
                try:
                    found[name] = measure(folder, name)
                except Unmeasurable as error:
                    found[name] = str(error)
    except (Unmeasurable, OSError) as error:
        found = dict.fromkeys(names, f"the clips cannot be handed over: {error}")
    return found


def _score(id: str, found: float | str) -> Score:
    return Score(id, None, found) if isinstance(found, str) else Score(id, 100 * found)


METRICS = (VBench(), VBench2())
