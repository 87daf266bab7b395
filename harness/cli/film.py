"""``filmbench film``: a screenplay made into a film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.film.production import Order, Produced
    from filmbench.harness.store import Store as OpenStore


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("film", epilog="Example: filmbench film script.fountain -o out --preview")(film)


def film(
    screenplay: Annotated[
        Path | None, typer.Argument(help="A Fountain or Final Draft script; the bundled one by default.")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for the film and all that belongs to it.")
    ] = Path("film"),
    tts: Annotated[str, typer.Option(help="Who speaks.")] = "local/kokoro",
    video: Annotated[str, typer.Option(help="Who makes the moving plate.")] = "local/procedural",
    background: Annotated[str, typer.Option(help="Who paints its look.")] = "local/painter",
    mocap: Annotated[str, typer.Option(help="Who captures the walk.")] = "local/mediapipe-pose",
    language: Annotated[str, typer.Option(help="The second language, or none.")] = "es",
    voice: Annotated[
        list[str] | None, typer.Option(help="A character's voice, as NAME=voice; may be given again.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="640×360, 12 frames a second, one language.")] = False,
    scenes: Annotated[str | None, typer.Option(help="Only these scenes: 2, or 1-3, or 1,4-5.")] = None,
    swap: Annotated[str | None, typer.Option(help="Make it twice, one stage changed: tts=A,B.")] = None,
    seed: Annotated[int, typer.Option(help="Another number draws and scores it otherwise.")] = 0,
    cap: Annotated[str | None, typer.Option(help="Spend at most so many US dollars.")] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Make a film from a screenplay: voices, pictures, music, two languages, its bill and its quality report.

    Without a key it costs nothing. What is made is kept: the same command goes on where it stopped, and after a
    change only what it touches is made again.
    """
    from filmbench.harness.cli.run import dollars
    from filmbench.harness.film.production import Order
    from filmbench.harness.store import Store as Opened

    order = Order(
        script=screenplay or bundled(),
        out=out,
        tts=tts,
        video=video,
        background=background,
        mocap=mocap,
        language=None if language == "none" else language,
        preview=preview,
        scenes=numbers(scenes),
        seed=seed,
        cap=dollars(cap),
        voices=_voices(voice or []),
    )
    with Opened.open(store) as opened:
        made = [_made(opened, one) for one in swapped(order, swap)]
    if as_json:
        from filmbench.harness.cli.output import print_json

        print_json({"films": [_record(one) for one in made]})
    else:
        for one in made:
            _tell(one)


def bundled() -> Path:
    """The screenplay that comes with filmbench."""
    from importlib.resources import files

    return Path(str(files("filmbench.harness.film"))) / "scripts" / "late-train.fountain"


def numbers(text: str | None) -> tuple[int, ...]:
    """``1,4-5`` as numbers, in order. Raises :class:`UsageError`."""
    from filmbench.harness.types import UsageError

    found: list[int] = []
    for part in (text or "").split(","):
        first, dash, last = part.strip().partition("-")
        if not part.strip():
            continue
        if not first.isdigit() or (dash and not last.isdigit()):
            raise UsageError(f"--scenes cannot be {text!r}", "for example: --scenes 2 or --scenes 1-3,5")
        found += range(int(first), int(last or first) + 1)
    return tuple(dict.fromkeys(found))


def swapped(order: Order, swap: str | None) -> list[Order]:
    """The order, or the two that differ in one stage, each in a folder of its own. Raises :class:`UsageError`."""
    from dataclasses import replace

    from filmbench.harness.types import UsageError

    if swap is None:
        return [order]
    stage, _, providers = swap.partition("=")
    pair = [one.strip() for one in providers.split(",") if one.strip()]
    if stage not in ("tts", "video", "background", "mocap") or len(pair) != 2:
        raise UsageError(f"--swap cannot be {swap!r}", "for example: --swap tts=local/kokoro,elevenlabs/eleven_v3")
    folders = [replace(order, out=order.out / one.replace("/", "-")) for one in pair]
    chosen = [{stage: one} for one in pair]
    return [replace(folder, **change) for folder, change in zip(folders, chosen, strict=True)]  # type: ignore[arg-type]


def _voices(given: list[str]) -> dict[str, str]:
    from filmbench.harness.types import UsageError

    pairs = [one.partition("=") for one in given]
    if wrong := [name for name, equals, voice in pairs if not (name and equals and voice)]:
        raise UsageError(f"--voice takes NAME=voice, not {wrong[0]!r}", "for example: --voice MARA=bf_emma")
    return {name.strip().upper(): voice.strip() for name, _, voice in pairs}


def _made(store: OpenStore, order: Order) -> Produced:
    from filmbench.harness.cli.filming import Filming
    from filmbench.harness.film import production

    with Filming() as watch:
        return production.produce(store, order, watch)


def _record(made: Produced) -> dict[str, object]:
    return {
        "folder": str(made.folder),
        "files": [path.name for path in made.files],
        "seconds": round(made.seconds, 3),
        "paid_usd": str(made.total.paid_usd),
        "unpriced": made.total.unpriced,
        "cpu_seconds": made.total.cpu_seconds,
        "passed": made.passed,
        "drawn": made.drawn,
        "notes": list(made.notes),
    }


def _tell(made: Produced) -> None:
    least = "at least " if made.total.unpriced else ""
    failed = [gate.id for gate in made.gates if gate.passed is False]
    typer.echo(f"film     {', '.join(str(path) for path in made.files)} ({made.seconds:.1f} s)")
    typer.echo(
        f"cost     {least}${made.total.paid_usd:.2f} and {made.total.cpu_seconds:,.0f} s of this machine; see bill.md"
    )
    typer.echo(f"quality  {'every measured gate holds' if made.passed else 'failed: ' + ', '.join(failed)}; see qc.md")
    for note in made.notes:
        typer.echo(f"note     {note}")
