"""Netflix's own table, from the published labels; they are fetched, never shipped."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from filmbench.harness.types import UsageError
from filmbench.metrics.match_cut import netflix

PUBLISHED = {
    ("frame", "random, seed 0"): (0.079, 0.094, 0.119),
    ("frame", "heuristic 1"): (0.012, 0.006, 0.017),
    ("frame", "heuristic 2"): (0.169, 0.177, 0.207),
    ("frame", "heuristic 3"): (0.218, 0.234, 0.248),
    ("motion", "random, seed 0"): (0.095, 0.096, 0.122),
    ("motion", "heuristic 4"): (0.195, 0.192, 0.163),
    ("motion", "heuristic 5"): (0.184, 0.134, 0.132),
}


@pytest.fixture(scope="module")
def rows() -> list[netflix.Row]:
    folder = netflix.labels_folder()
    if any(not (folder / name).is_file() for name in netflix.FILES):
        pytest.skip("needs the labels: python -m filmbench.metrics.match_cut.netflix")
    return netflix.table(folder)


@pytest.mark.parametrize("ranker", PUBLISHED, ids=" ".join)
def test_the_papers_numbers_come_out(rows, ranker):
    found = {row.split: row.average_precision for row in rows if (row.task, row.ranker) == ranker}
    assert [round(found[split], 3) for split in netflix.SPLITS] == [*PUBLISHED[ranker]]


def test_chance_is_the_share_of_true_pairs(rows):
    (row,) = (row for row in rows if (row.task, row.ranker, row.split) == ("frame", "heuristic 3", "test"))
    assert (row.pairs, round(row.chance * row.pairs)) == (1996, 196)


def test_missing_and_changed_labels_are_told(tmp_path):
    with pytest.raises(UsageError, match="is missing"):
        netflix.table(tmp_path)
    (tmp_path / "dataset-frame.json").write_text("[]")
    with pytest.raises(UsageError, match="other bytes than pinned"):
        netflix.table(tmp_path)


def test_a_heuristic_is_judged_on_the_pairs_that_it_proposed():
    pairs = [
        {"majority_label": True, "source_info": [{"source_name": "heuristic 1", "score": 0.2}]},
        {"majority_label": False, "source_info": [{"source_name": "heuristic 1", "score": 0.9}]},
        {"majority_label": True, "source_info": [{"source_name": "heuristic 2", "score": 0.9}]},
    ]
    row = netflix.heuristic("frame", "heuristic 1", "test", pairs)
    assert row is not None and (row.pairs, row.average_precision, row.chance) == (2, 0.5, 0.5)
    assert netflix.heuristic("frame", "heuristic 3", "test", pairs) is None


# --- fetching, over real HTTP ------------------------------------------------------------------------

CONTENT = {name: f"the labels of {name}\n".encode() * 400 for name in netflix.FILES}


class Labels(BaseHTTPRequestHandler):
    """Serves the files as they are, one of them spoilt in the way that is asked for."""

    fault, asked = "", []  # type: ignore[var-annotated]

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        self.asked.append(name)
        spoilt = self.fault and name == "heuristic3-scores.csv"
        if spoilt and self.fault == "gone":
            self.send_error(404)
            return
        content = CONTENT[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if spoilt and self.fault == "cut short":
            self.wfile.write(content[: len(content) // 2])
        elif spoilt and self.fault == "changed":
            self.wfile.write(content[:-1] + b"!")
        else:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def labels(monkeypatch):
    pins = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    monkeypatch.setattr(netflix, "FILES", pins)
    monkeypatch.setattr(Labels, "fault", "")
    monkeypatch.setattr(Labels, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Labels) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/data/"
        server.shutdown()


def test_labels_are_fetched_whole_and_only_once(labels, tmp_path):
    netflix.fetch(tmp_path / "labels", labels)
    assert {file.name: file.read_bytes() for file in (tmp_path / "labels").iterdir()} == CONTENT
    netflix.fetch(tmp_path / "labels", labels)
    assert sorted(Labels.asked) == sorted(netflix.FILES)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("gone", r"heuristic3-scores.csv cannot be reached: HTTP Error 404"),
        ("cut short", r"heuristic3-scores.csv came with other bytes than pinned, 7,200 of them"),
        ("changed", r"heuristic3-scores.csv came with other bytes than pinned, 14,400 of them"),
    ],
)
def test_a_spoilt_file_is_refused_not_kept_and_can_be_fetched_again(labels, tmp_path, fault, says):
    Labels.fault = fault
    with pytest.raises(UsageError, match=says) as refused:
        netflix.fetch(tmp_path, labels)
    assert "try again, or copy data/" in str(refused.value.hint)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["dataset-frame.json", "dataset-motion.json"]
    Labels.fault = ""
    netflix.fetch(tmp_path, labels)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == CONTENT


def test_a_host_that_does_not_answer_is_told_with_the_next_step(labels, tmp_path):
    with pytest.raises(UsageError, match="cannot be reached"):
        netflix.fetch(tmp_path, "http://127.0.0.1:1/data/")
