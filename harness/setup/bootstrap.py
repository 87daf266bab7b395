"""Set filmbench up in this checkout, then run it: the README's two commands.

    python3 harness/setup/bootstrap.py demo           set up, then run `filmbench demo`
    python3 harness/setup/bootstrap.py test [--all]   set up, then run the tests (pytest arguments pass through)
    python3 harness/setup/bootstrap.py check          set up, then lint, formatting and types
    python3 harness/setup/bootstrap.py setup          set up only

Needs Python 3.11 or newer and nothing else. Packages go into the active virtual environment, else into
`.venv/` here, at the versions of `constraints.txt`. A second run finds nothing to do and takes a moment.
Exit codes: 2 when the set-up cannot go on, 130 when interrupted, else that of what was run.
"""

import os
import shutil
import subprocess
import sys

USAGE = (__doc__ or "").split("\n\n")[1]
OLDEST = (3, 11)
HERE = "harness/setup"
TEST = ("python", "-m", "pytest", "--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", "--reruns=1")
TYPED = ("filmbench.harness", "filmbench.adapters", "filmbench.metrics", "filmbench.dashboards")


def start_again_with_newer_python() -> None:
    """Replace this process by the newest fitting python on PATH; exit 2 when there is none."""
    for minor in (11, 12, 13, 14):
        found = shutil.which("python3.%d" % minor)  # noqa: UP031 - must still parse on the Python that is too old
        if found:
            os.execv(found, [found, *sys.argv])  # noqa: S606 - the same command, another interpreter
    sys.stderr.write("error: filmbench needs Python 3.11 or newer; this is %s\n" % sys.version.split()[0])  # noqa: UP031
    sys.exit(2)


def main(arguments: "list[str]") -> int:
    """Set up, then do what the first argument says. Returns the exit code."""
    from console import SetupFailed, say
    from environment import CHECKOUT, set_up

    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command not in ("demo", "test", "check", "setup") or (rest and command in ("check", "setup")):
        sys.stderr.write(USAGE + "\n")
        return 2
    try:
        bin_folder = set_up(tests=command == "test")
        os.chdir(CHECKOUT)
        os.environ["PATH"] = os.pathsep.join((str(bin_folder), os.environ.get("PATH", "")))
        os.environ["VIRTUAL_ENV"] = str(bin_folder.parent)
        sys.stdout.flush()
        if command == "setup":
            return 0
        if command == "check":
            return check(str(bin_folder))
        program, *fixed = {"demo": ["filmbench", "demo"], "test": TEST}[command]
        # Replaced, not called: signals and the exit code are the program's own.
        os.execv(bin_folder / program, [program, *fixed, *rest])  # noqa: S606
    except SetupFailed as failure:
        sys.stdout.flush()
        sys.stderr.write(f"error: {failure}\n")
        return 2
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        return 130


def check(bin_folder: str) -> int:
    """Lint, formatting and types, all of them even when one fails. Returns 1 if any did."""
    failed = False
    for command in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", *(part for package in TYPED for part in ("-p", package))],
        ["mypy", "--explicit-package-bases", HERE],
    ):
        print("+", *command, flush=True)  # noqa: T201 - this script's own output
        environment = {**os.environ, "MYPYPATH": HERE}  # these modules are a script's, found by its folder
        done = subprocess.run([f"{bin_folder}/{command[0]}", *command[1:]], env=environment, check=False)
        failed |= done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        start_again_with_newer_python()
    sys.exit(main(sys.argv[1:]))
