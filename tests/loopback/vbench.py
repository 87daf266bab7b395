"""Environments with programs that take VBench's and VBench-2.0's command lines, files and names, and refuse others.

What they judge is not the benchmark's: a value is the number of clips that were found, in thousandths. Arguments,
modes, the names looked for, the shape and place of the result file, and the exit code (0 whatever happens) are those of
Vchitect/VBench at 45e79ec: ``vbench/cli/evaluate.py``, ``vbench/__init__.py`` and their VBench-2.0 twins.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROGRAM = """#!{python}
import argparse, json, os, sys
from pathlib import Path

PACKAGE, TWO = {package!r}, {package!r} == "vbench2"
OWN_ONLY = {{"object_class", "multiple_objects", "scene", "appearance_style", "color", "spatial_relationship"}}
parser = argparse.ArgumentParser(prog=PACKAGE)
evaluate = parser.add_subparsers(required=True).add_parser("evaluate")
evaluate.add_argument("--ngpus", type=int, default=1)
evaluate.add_argument("--output_path", default="./evaluation_results/")
evaluate.add_argument("--videos_path", required=True)
evaluate.add_argument("--dimension", required=True)
evaluate.add_argument("--load_ckpt_from_local", type=bool)
evaluate.add_argument("--read_frame", type=bool)
modes = ["vbench_standard"] if TWO else ["custom_input", "vbench_standard", "vbench_category"]
evaluate.add_argument("--mode", choices=modes, default="vbench_standard")
evaluate.add_argument("--prompt_file")
args = parser.parse_args()

def give_up(why):
    print("Traceback (most recent call last):\\n" + why, file=sys.stderr)
    sys.exit(0)  # its launcher never looks at how the evaluation ended

here = Path(sys.argv[0]).resolve().parent
secrets = [name for name in os.environ if any(word in name for word in ("KEY", "TOKEN", "SECRET"))]
if secrets or os.environ["PATH"].split(os.pathsep)[0] != str(here):
    give_up("EnvironmentError: told " + ", ".join(secrets))
(info,) = here.parent.glob("lib/python*/site-packages/" + PACKAGE + "/*_full_info.json")
own = json.loads(info.read_text())
names = sorted(os.listdir(args.videos_path))
clips = []
if args.mode == "custom_input":
    if args.dimension in OWN_ONLY:
        give_up("AssertionError: dimensions : " + args.dimension + " not supported for custom input")
    prompts = json.loads(Path(args.prompt_file).read_text())
    if set(prompts) != set(names):
        give_up("AssertionError: The prompts for the following videos are not found in the prompt file")
    clips = [name for name in names if Path(name).suffix in (".mp4", ".gif")]
else:
    for one in own:
        if args.dimension in one["dimension"]:
            count = (20 if one["dimension"][0] == "Diversity" else 3) if TWO else 5
            for index in range(count):
                name = f"{{one['prompt_en'][:180] if TWO else one['prompt_en']}}-{{index}}.mp4"
                if name in names:
                    clips.append(name)
                elif TWO:
                    give_up("RuntimeError: No active exception to reraise")
if args.dimension not in {{name for one in own for name in one["dimension"]}}:
    give_up("NotImplementedError: UnImplemented dimension " + args.dimension)
for name in clips:
    assert (Path(args.videos_path) / name).read_bytes()[4:8] == b"ftyp", "no mp4"
out = Path(args.output_path) / args.dimension if TWO else Path(args.output_path)
out.mkdir(parents=True, exist_ok=True)
found = [{{"video_path": os.path.join(args.videos_path, name), "video_results": 0.5}} for name in clips]
(out / "results_2026-11-22-12:00:00_full_info.json").write_text(json.dumps(own))
(out / "results_2026-11-22-12:00:00_eval_results.json").write_text(
    json.dumps({{args.dimension: [len(clips) / 1000, found]}})
)
"""


def install(folder: Path, package: str, version: str, prompts: list[dict[str, Any]]) -> Path:
    """An environment in ``folder`` as pip leaves it; its program."""
    site = folder / "lib" / "python3.10" / "site-packages"
    (site / package).mkdir(parents=True)
    full = {"vbench": "VBench_full_info.json", "vbench2": "VBench2_full_info.json"}[package]
    (site / package / full).write_text(json.dumps(prompts))
    record = site / f"{package}-{version}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    program = folder / "bin" / package
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.format(python=sys.executable, package=package))
    program.chmod(0o755)
    return program
