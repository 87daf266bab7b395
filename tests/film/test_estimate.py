"""What a film costs: sums done by hand, draws against their formulas, what is missing said aloud."""

from __future__ import annotations

from dataclasses import replace

import film_costs as given
import numpy as np
import pytest
from filmbench.harness.film.assumptions import Range, default
from filmbench.harness.film.chance import Acceptance, Scenarios, pert
from filmbench.harness.film.estimate import Estimate, estimate
from filmbench.harness.film.work import work
from filmbench.harness.types import UsageError
from scipy import stats


def made(film=given.FILM, assumed=None, arms=None, known=(), book=None, **more) -> Estimate:
    return estimate(
        film, assumed or given.sure(), book or given.book(), given.TODAY, known, {**given.ARMS, **(arms or {})}, **more
    )


def test_a_two_page_script_by_hand_to_the_cent():
    """Vendors, one take of each:

    tts         (400 + 150) characters × 0.10/1000                        = 0.055
    dubbing     (40 + 60) s / 60 × 0.60 (each scene to 6 decimals)        = 1.00
    lipsync     (44 + 48) s × 0.05 in shots of 44/12 and 48/12 s, to ms:
                12 × 3.667 × 0.05 + 12 × 4.000 × 0.05 = 2.2002 + 2.40     = 4.6002
    mocap       20 s × 0.02                                               = 0.40
    video       3 clips of 5 s × 12 credits × 0.01 = 3 × 0.60             = 1.80
    background  2 pictures × 0.03                                         = 0.06
    music       1 minute × 10                                             = 10.00

    People at 30 $/h look at each take for twice its length: 44 + 100 + 92 + 20 + 15 + 2 + 60 = 333 s of takes,
    × 2 / 3600 × 30                                                       = 5.55

    With half of the tts takes doing, tts doubles; with a quarter of the clips, video is fourfold.
    """
    once = made()
    vendors = 0.055 + 1.00 + 4.6002 + 0.40 + 1.80 + 0.06 + 10.00
    people = 333 * 2 / 3600 * 30
    assert people == pytest.approx(5.55)
    assert round(once.typical, 2) == round(vendors + people, 2) == 23.47
    assert (once.p10, once.p50, once.p90) == pytest.approx((once.typical,) * 3)
    assert not once.at_least

    again = made(assumed=given.sure({"tts": 0.5, "video": 0.25}))
    tts, video = 0.055 + 44 * 2 / 3600 * 30, 1.80 + 15 * 2 / 3600 * 30
    assert round(again.typical, 2) == round(23.4652 + tts + 3 * video, 2) == 30.40
    assert again.p10 < again.p50 < again.p90


def test_lines_are_cut_so_that_every_character_is_paid_once():
    pieces = [one for one in work(given.FILM, default()) if one.stage == "tts"]
    film = replace(given.FILM, parts=(replace(given.FILM.parts[0], lines=7),))
    odd = next(one for one in work(film, default()) if one.stage == "tts")
    assert [sum(item.count * len(str(item.inputs["text"])) for item in one.items) for one in pieces] == [400, 150]
    assert sum(item.count * len(str(item.inputs["text"])) for item in odd.items) == 400
    assert odd.count == 7


def test_a_vendor_that_wants_a_first_frame_is_given_one():
    """Gen-4 Turbo makes nothing without one; five seconds are 25 credits."""
    found = made(arms={"video": "runway/gen4_turbo"}, book=given.book(given.row("runway/gen4_turbo", "credit", "0.01")))
    clip = next(one for one in found.lines if one.work.stage == "video")
    assert clip.vendor_usd == pytest.approx(3 * 25 * 0.01)


def test_takes_follow_the_negative_binomial():
    """Three clips, each take doing with chance 1/4: the takes beyond three are NB(3, 1/4), whatever else is free."""
    film = replace(given.FILM, languages=("en",), parts=(), motion_seconds=0.0, music_seconds=0.0, locations=())
    found = made(film, given.sure({"video": 0.25}), {"lipsync": "none"}, worlds=40_000)
    each = found.typical * 0.25 / 3
    for drawn, share in ((found.p10, 0.1), (found.p50, 0.5), (found.p90, 0.9)):
        takes = drawn / each
        below, at = stats.nbinom.cdf([takes - 3 - 1 + 1e-6, takes - 3 + 1e-6], 3, 0.25)
        assert below - 0.01 <= share <= at + 0.01


def test_figures_follow_the_pert_distribution():
    drawn = Scenarios(3, 50_000).figure(Range(2.0, 3.0, 8.0), "anything")
    assert drawn.mean() == pytest.approx((2 + 4 * 3 + 8) / 6, rel=0.01)
    law = stats.beta(1 + 4 / 6, 1 + 4 * 5 / 6, loc=2, scale=6)
    assert np.percentile(drawn, [10, 50, 90]) == pytest.approx(law.ppf([0.1, 0.5, 0.9]), rel=0.02)
    assert pert(Range(1.0, 1.0, 1.0), np.array([0.2, 0.9])).tolist() == [1.0, 1.0]


def test_own_takes_go_before_the_prior():
    law = stats.beta(8.5, 2.5)
    own = Acceptance(Range(0.1, 0.2, 0.3), 8, 10)
    assert own.measured
    assert "8 of 10" in own.words
    assert (own.range.low, own.range.typical, own.range.high) == pytest.approx(tuple(law.ppf([0.1, 0.5, 0.9])))
    assert Acceptance(Range(0.1, 0.2, 0.3)).words == "prior"

    known = [given.judged("video", "runway/gen4.5", 0.5, accepted=9.0, judged=10)]
    prior, measured = made(assumed=default()), made(assumed=default(), known=known)
    assert next(one for one in prior.lines if one.work.stage == "video").takes == pytest.approx(3 / 0.25)
    assert next(one for one in measured.lines if one.work.stage == "video").takes < 3 / 0.8


def test_the_pieces_of_a_stage_are_dear_together():
    """Acceptance is drawn once for a stage: two characters' costs move together, two stages' do not."""
    assumed = default()
    lines = made(assumed=assumed).lines
    drawn = Scenarios(0, 4_000)
    mara, toby, dub = (next(one for one in lines if one.work.group == name) for name in ("MARA", "TOBY", "es"))
    costs = [one.drawn(assumed, drawn) for one in (mara, toby, dub)]
    assert np.corrcoef(costs[0], costs[1])[0, 1] > 0.2
    assert abs(np.corrcoef(costs[0], costs[2])[0, 1]) < np.corrcoef(costs[0], costs[1])[0, 1]


def test_what_has_no_price_is_said_and_never_zero():
    found = made(book=given.PriceBook(tuple(one for one in given.book().rows if one.vendor != "move"), "0" * 64))
    line = next(one for one in found.lines if one.work.stage == "mocap")
    assert line.vendor_usd is None
    assert found.at_least
    assert any("mocap" in gap and "move/s1 has no price" in gap for gap in found.gaps)
    assert found.typical == pytest.approx(made().typical - 0.40)


def test_work_of_this_machine_costs_its_measured_time():
    """Pace 0.5 on 4 cores: 44 s of speech take 22 s of 4 cores; unmeasured, the line says so."""
    unknown = made(arms={"tts": "local/espeak-ng"})
    assert any("local/espeak-ng was never timed here" in gap for gap in unknown.gaps)
    timed = given.judged("tts", "local/espeak-ng", 0.3, pace=0.5, cores=4.0)
    found = made(arms={"tts": "local/espeak-ng"}, known=[timed])
    share = next(one for one in found.stages if one.stage == "tts")
    assert share.machine == pytest.approx(44 * 0.5 * 4 / 3600 * 0.1)
    assert share.vendor == 0
    assert share.person > 0


def test_a_tool_worked_by_hand_costs_the_hours_that_were_told():
    told = given.judged("mocap", "by-hand/flow-studio", 0.3, human_minutes=45.0)
    found = made(arms={"mocap": "by-hand/flow-studio"}, known=[told])
    share = next(one for one in found.stages if one.stage == "mocap")
    assert share.person == pytest.approx((2 * 45 / 60 + 20 * 2 / 3600) * 30)
    assert any("what the tool costs" in gap for gap in found.gaps)


def test_waiting_is_measured_or_unknown():
    assert made().hours is None
    assert any("never timed" in why for why in made().waits)
    known = [given.judged(stage, arm, 0.5, pace=2.0, each=30.0) for stage, arm in given.ARMS.items() if arm != "none"]
    found = made(known=known)
    seconds = {"tts": 44, "dubbing": 100, "lipsync": 92, "mocap": 20, "video": 15}
    at_once = {one.work.stage: one for one in found.lines}
    from filmbench.harness import registry

    def lanes(stage):
        return registry.providers().get(at_once[stage].provider).spec.concurrency

    expected = sum(2.0 * length / lanes(stage) for stage, length in seconds.items()) + 2 * 30 / lanes("background")
    assert found.hours == pytest.approx(expected / 3600)


def test_the_tornado_moves_one_figure_at_a_time():
    assumed = given.sure({"video": 0.25})
    stages = dict(assumed.stages)
    stages["video"] = stages["video"].model_copy(update={"acceptance": Range(0.1, 0.25, 0.5)})
    found = made(assumed=assumed.model_copy(update={"stages": stages}))
    video = 1.80 + 15 * 2 / 3600 * 30
    rest = found.typical - 4 * video
    assert [bar.what for bar in found.tornado] == ["video: share of takes that will do"]
    assert (found.tornado[0].low, found.tornado[0].high) == pytest.approx((rest + 10 * video, rest + 2 * video))


def test_a_doubtful_old_price_spreads_the_total():
    sure = made()
    rows = tuple(
        replace(one, confidence="low", as_of="2026-01") if one.vendor == "sync" else one for one in given.book().rows
    )
    found = made(book=given.PriceBook(rows, "0" * 64))
    assert found.p10 < sure.p50 < found.p90
    bar = next(bar for bar in found.tornado if bar.what == "lipsync: price")
    assert (bar.from_value, bar.to_value) == ("-35%", "+35%")
    assert bar.swing == pytest.approx(0.7 * 4.6002)


def test_vendors_stand_side_by_side_for_the_whole_stage():
    """Lip sync of 92 s: 0.05 and 0.08 a second; who has no price stands last, with the reason."""
    found = made(book=given.book(given.row("sync/lipsync-2-pro", "output_second", "0.08")))
    lips = [one for one in found.offers if one.stage == "lipsync"]
    people = 92 * 2 / 3600 * 30
    assert [one.label for one in lips[:2]] == ["sync/lipsync-2", "sync/lipsync-2-pro"]
    assert [one.usd for one in lips[:2]] == pytest.approx([4.6002 + people, 4.6002 / 5 * 8 + people])
    assert all(one.usd is None and one.reason for one in lips[2:])
    own = sum(one.typical for one in found.stages if one.stage == "background")
    assert next(one for one in found.offers if one.stage == "background").usd == pytest.approx(own)


def test_the_cost_without_ai_shows_its_sources_and_gaps():
    sums = made().traditional
    token = next(rate for rate in sums.rates if rate.stage == "lipsync")
    assert token.typical == 12 * 875  # twelve shots in one other language
    assert token.source
    dubbing = next(rate for rate in sums.rates if rate.stage == "dubbing")
    assert (dubbing.low, dubbing.typical, dubbing.high) == (None, None, None)
    assert dubbing.reason
    assert "dubbing" in sums.at_least
    # roles 2 × 100..1000, token 10,500, mocap day 2,500 and 20 s × 20, matte days 2 × 4 × 1,000, music 100
    assert sums.low == pytest.approx(200 + 10_500 + 2_500 + 400 + 8_000 + 100)
    assert sums.high == pytest.approx(2_000 + 10_500 + 2_500 + 400 + 8_000 + 100)


@pytest.mark.parametrize(
    ("arms", "words"),
    [
        ({"tts": "elevenlabs/eleven_v33"}, "there is no provider 'elevenlabs/eleven_v33'"),
        ({"tts": "runway/gen4.5"}, "runway/gen4.5 does not do tts"),
        ({"tts": "local/floor"}, "local/floor is a floor row"),
    ],
)
def test_an_arm_that_cannot_be_is_refused(arms, words):
    with pytest.raises(UsageError, match=words) as told:
        made(arms=arms)
    assert told.value.hint or "floor" in words


def test_a_language_an_arm_does_not_speak_is_a_gap():
    film = replace(given.FILM, languages=("is", "es"), parts=tuple(replace(p, language="is") for p in given.FILM.parts))
    found = made(film, arms={"tts": "elevenlabs/eleven_flash_v2"})
    assert any("does not speak is" in gap for gap in found.gaps)
