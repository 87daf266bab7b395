"""What people said of the arms of one contract, as sheets of plain text."""

from __future__ import annotations

from filmbench.harness.ranking import Panel, Session, Voted
from filmbench.harness.report import words
from filmbench.harness.report.sheets import Document, Sheet, won_tied_lost
from filmbench.harness.stats.opinions import LEAST_VOTES
from filmbench.harness.stats.preferences import Preferences


def document(panel: Panel) -> Document:
    """Ratings by votes with what could be wrong with them, then every listening session."""
    facts, sheets, notes = [], [], []
    if panel.voted:
        facts.append(f"{words.count(panel.voted.votes, 'vote')} of {words.count(panel.voted.raters, 'rater')}")
        notes += _vote_notes(panel.voted)
    if panel.voted and panel.voted.preferences:
        sheets += [_ratings(panel.voted.preferences), _pairs(panel.voted.preferences)]
    for session in panel.sessions:
        facts.append(f"{session.scale} session {session.session}: {words.count(session.ratings, 'rating')}")
        sheets += [_mos(session)] if session.mos else [_mushra(session)] if session.mushra else []
        notes += _session_notes(session)
    return Document(f"{panel.title}: {', '.join(panel.datasets)}", tuple(facts), tuple(sheets), tuple(notes))


def _ratings(found: Preferences) -> Sheet:
    headers = (
        *("Rank", "Arm", "Rating ↑", "Votes", "Raters", "Won / tied / lost"),
        *("Whoever is left out", "Leans on the prior"),
    )
    rows = tuple(
        (
            words.rank(one.ranks),
            words.one_line(one.arm, 60),
            words.estimate(one.rating, 0),
            words.integer(one.votes),
            words.integer(one.raters),
            won_tied_lost(one),
            words.NONE if one.without_one is None else words.interval(*one.without_one, 0),
            (one.flagged or "no").split(":")[0],
        )
        for one in found.ratings
    )
    return Sheet("Ratings by votes", headers, rows, 2)


def _pairs(found: Preferences) -> Sheet:
    arms = [words.one_line(one.arm, 24) for one in found.ratings]
    rows = tuple(
        (arm, *(words.integer(count) for count in counts)) for arm, counts in zip(arms, found.table, strict=True)
    )
    return Sheet("Votes for the arm of the row against that of the column", ("Arm", *arms), rows)


def _vote_notes(voted: Voted) -> list[str]:
    found = voted.preferences
    if found is None:
        return [str(voted.reason)]
    notes = [
        "Ratings: Davidson's model of preferences and ties by maximum likelihood, 400 points are odds of 10 to 1, the "
        "mean is 1,000; brackets are 95 %, whole raters as clusters. Live arms are ranked; those that cannot be told "
        "apart share ranks.",
    ]
    if found.prior:
        notes.append("The votes alone bound no rating of an undefeated or winless arm: a prior of 300 points does.")
    notes += sorted({one.rating.reason for one in found.ratings if one.rating.reason})
    notes.append(_side(found))
    if found.top_holds is not None:
        holds = "stays first whoever is left out" if found.top_holds else "is not first without one of the raters"
        notes.append(f"{found.ratings[0].arm} {holds}.")
    return notes


def _side(found: Preferences) -> str:
    if found.side.value is None:
        return f"Side bias: {found.side.reason}"
    told = f"{words.percent(found.side)} % of untied votes went to the left or first one"
    low, high = found.side.low, found.side.high
    biased = low is not None and high is not None and not low <= 0.5 <= high
    return f"Side bias: {told}{', so the side itself drew votes' if biased else ''}."


def _mos(session: Session) -> Sheet:
    rows = tuple(
        (words.one_line(one.arm, 60), words.estimate(one.score), words.integer(one.votes)) for one in session.mos
    )
    return Sheet(f"Mean opinion score, session {session.session}", ("Arm", "MOS ↑", "Ratings"), rows)


def _mushra(session: Session) -> Sheet:
    assert session.mushra is not None
    rows = tuple(
        (words.one_line(one.arm, 60), words.number(one.median, 0),
         words.interval(one.low_quartile, one.high_quartile, 0), words.integer(one.n))
        for one in session.mushra.arms
    )  # fmt: skip
    return Sheet(f"MUSHRA, session {session.session}", ("Arm", "Median ↑", "Quartiles", "Ratings"), rows)


def _session_notes(session: Session) -> list[str]:
    where = f"Session {session.session} ({session.scale}, {words.count(session.raters, 'rater')})"
    if session.reason:
        return [f"{where}: {session.reason}"]
    notes = sorted({f"{where}, {one.arm}: {one.score.reason}" for one in session.mos if one.score.reason})
    thin = sorted({clip for one in session.mos for clip in one.thin})
    if thin:
        shown = ", ".join(thin[:5]) + (f" and {len(thin) - 5} more" if len(thin) > 5 else "")
        notes.append(f"{where}: fewer than {LEAST_VOTES} ratings (ITU-T P.808) of {shown}")
    if session.mushra:
        p = session.mushra.p
        told = "no test: fewer than three arms or two whole blocks" if p is None else f"p {words.p_value(p)}"
        notes.append(f"{where}: Friedman's test over raters and clips, {told}")
        notes += [f"{where}: {rater} is left out: {why}" for rater, why in session.mushra.screened.items()]
    return notes
