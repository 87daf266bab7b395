"""What people's votes and ratings say of the arms of one table: pure functions over frames of takes and of votes.

The frames of votes are those of :func:`filmbench.harness.votes.read`; those of takes are tidy.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from filmbench.harness.contracts import CONTRACTS, contract
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.opinions import Mos, MushraTest, Opinion, mos, mushra
from filmbench.harness.stats.preferences import Disconnected, Preferences, Rating, Vote, preferences
from filmbench.harness.units import Column, names
from filmbench.harness.votes import Votes

if TYPE_CHECKING:
    import pandas as pd

BY_VOTES = "votes"
"""What a table is ranked by where people rank it."""
_PREFERRED = {"left": 1, "right": 2, "tie": 0}


def _measure(id: str, title: str, unit: str, low: float, high: float) -> MetricSpec:
    contracts = tuple(CONTRACTS)
    return MetricSpec(f"votes.{id}", title, unit, f"votes.{id}|1", contracts, True, "library", low=low, high=high)


SHARE = _measure("share", "Share of votes won", "", 0, 1)
MOS = _measure("mos", "Opinion score", "MOS", 1, 5)
MUSHRA = _measure("mushra", "MUSHRA score", "", 0, 100)
MEASURES = (SHARE, MOS, MUSHRA)
"""What people say of one take, for rules on which takes will do: the share of its votes that it won (ties half), and
the means of its ratings."""


@dataclass(frozen=True, slots=True)
class Voted:
    """The votes on one table's takes. ``preferences`` is ``None`` with the ``reason`` where they rate nobody."""

    votes: int
    raters: int
    preferences: Preferences | None
    reason: str | None = None

    def rating(self, arm: str, live: bool) -> Rating | None:
        """The rating of one row of the table, where it has votes and they rate."""
        ratings = self.preferences.ratings if self.preferences else ()
        return next((one for one in ratings if one.arm == _name(arm, live)), None)


@dataclass(frozen=True, slots=True)
class Session:
    """One listening session on one scale; scores of unlike sessions are not comparable.

    ``mos`` or ``mushra`` is set, or neither with the ``reason``.
    """

    scale: str
    session: str
    ratings: int
    raters: int
    mos: tuple[Mos, ...] = ()
    mushra: MushraTest | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """All that people said of one contract on one dataset."""

    contract: str
    title: str
    datasets: tuple[str, ...]
    voted: Voted | None
    sessions: tuple[Session, ...]


def _name(arm: str, live: bool) -> str:
    """What a row of the table is called among those voted on."""
    return arm if live else f"{arm} (not live)"


def voted(frame: pd.DataFrame, votes: Votes) -> Voted | None:
    """What the votes on the takes of ``frame`` say; ``None`` where there are none. Live arms are ranked."""
    pairs = _joined(frame, votes.pairs, ("left", "right"))
    if pairs.empty:
        return None
    cast = [
        Vote(row["left_name"], row["right_name"], _PREFERRED[row["choice"]], row["rater"])
        for row in pairs.to_dict("records")
    ]
    raters = int(pairs["rater"].nunique())
    ranked = {_name(arm, True) for arm in frame.loc[(frame["role"] == "arm") & frame["live"], "arm"]}
    try:
        return Voted(len(cast), raters, preferences(cast, ranked))
    except Disconnected as error:
        return Voted(len(cast), raters, None, f"the votes cannot rank: {error}")


def panel(frame: pd.DataFrame, votes: Votes) -> Panel | None:
    """Votes and ratings of the takes of ``frame``; ``None`` where nobody said anything of them."""
    found, sessions = voted(frame, votes), _sessions(frame, votes)
    if found is None and not sessions:
        return None
    asked = contract(str(frame["contract"].iloc[0]))
    return Panel(asked.id, asked.title, names(frame["dataset"]), found, sessions)


def columns(frame: pd.DataFrame, votes: Votes) -> tuple[Column, ...]:
    """What people say of each take of ``frame``, as columns of :data:`MEASURES`; NaN where nobody did."""
    opinions = _screened(_joined(frame, votes.opinions, ("",)))
    means = {
        spec.id: opinions[(opinions["scale"] == scale) & (opinions["part"] == "arm")].groupby("id")["score"].mean()
        for spec, scale in ((MOS, "mos"), (MUSHRA, "mushra"))
    }
    means[SHARE.id] = _shares(_joined(frame, votes.pairs, ("left", "right")))
    reason = np.full(len(frame), "nobody voted on it", dtype=object)
    ones = np.ones(len(frame))
    return tuple(
        Column(spec, frame["id"].map(means[spec.id]).to_numpy(dtype=np.float64), ones, reason) for spec in MEASURES
    )


def _shares(pairs: pd.DataFrame) -> pd.Series:
    """The share of votes that each take won, by the integer of the take."""
    import pandas as pd

    won = pairs["choice"].map({"left": 1.0, "right": 0.0, "tie": 0.5}).astype(float)
    sides = [
        pd.DataFrame({"id": pairs["left_id"], "won": won}),
        pd.DataFrame({"id": pairs["right_id"], "won": 1 - won}),
    ]
    return pd.concat(sides).groupby("id")["won"].mean()


def _joined(frame: pd.DataFrame, said: pd.DataFrame, sides: Sequence[str]) -> pd.DataFrame:
    """``said`` with each side's ``name`` and take ``id``, where all of its takes are in ``frame``."""
    takes = frame[["arm", "key", "epoch", "id", "live"]].drop_duplicates(["arm", "key", "epoch"])
    takes = takes.assign(name=[_name(arm, live) for arm, live in zip(takes["arm"], takes["live"], strict=True)])
    for side in sides:
        lead = f"{side}_" if side else ""
        own = takes.drop(columns="live").add_prefix(lead)
        if "id" in own:
            said = said.drop(columns="id")
        said = said.astype({f"{lead}epoch": "int64"}).merge(
            own, on=[f"{lead}{part}" for part in ("arm", "key", "epoch")]
        )
    return said


def _sessions(frame: pd.DataFrame, votes: Votes) -> tuple[Session, ...]:
    opinions = _joined(frame, votes.opinions, ("",))
    return tuple(
        _session(str(scale), str(session), part) for (scale, session), part in opinions.groupby(["scale", "session"])
    )


def _session(scale: str, session: str, part: pd.DataFrame) -> Session:
    found, size, raters = _opinions(part), len(part), int(part["rater"].nunique())
    if scale == "mos":
        return Session(scale, session, size, raters, mos=mos(found))
    try:
        return Session(scale, session, size, raters, mushra=mushra(found))
    except ValueError as error:
        return Session(scale, session, size, raters, reason=str(error))


def _opinions(part: pd.DataFrame) -> list[Opinion]:
    """Ratings as the statistics take them: what stands for something else goes by that name."""
    return [
        Opinion(str(row["name"] if row["part"] == "arm" else row["part"]), _clip(row), row["rater"], row["score"])
        for row in part.to_dict("records")
    ]


def _clip(row: Mapping[Hashable, Any]) -> str:
    return f"{row['sample']} ({row['language']})" if isinstance(row["language"], str) else str(row["sample"])


def _screened(opinions: pd.DataFrame) -> pd.DataFrame:
    """Ratings without those of MUSHRA raters who cannot tell the reference."""
    unfit: set[tuple[str, str]] = set()
    for session, part in opinions[opinions["scale"] == "mushra"].groupby("session"):
        test = _session("mushra", str(session), part).mushra
        unfit |= {(str(session), rater) for rater in (test.screened if test else ())}
    kept = [
        scale != "mushra" or (session, rater) not in unfit
        for scale, session, rater in opinions[["scale", "session", "rater"]].itertuples(index=False)
    ]
    return opinions[np.array(kept, dtype=bool)]
