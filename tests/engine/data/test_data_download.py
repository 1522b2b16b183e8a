from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import replace
from http.server import ThreadingHTTPServer

import pytest

from engine.data.download import CACHE_VARIABLE, RemoteFile, cache_folder, download
from engine.data.idx_sets import MNIST, load
from engine.errors import DataError
from engine.parts import Data
from tests.engine.data.serving import Mirrors, address, serving, silent

CONTENT = bytes(range(256)) * 1000
FILE = RemoteFile("numbers.gz", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def server():
    with serving({FILE.name: CONTENT}) as server:
        yield server


@pytest.mark.parametrize("bad", ["404", "500", "truncated", "wrong"])
def test_the_next_mirror_is_asked_when_one_fails(server, tmp_path, bad):
    path = download(FILE, [address(server, bad), address(server, "good")], tmp_path, silent)
    assert server.asked == [bad, "good"]
    assert path == tmp_path / FILE.name
    assert path.read_bytes() == CONTENT
    assert [child.name for child in tmp_path.iterdir()] == [FILE.name]


def test_a_mirror_that_nobody_answers_at_is_passed_over(server, tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as closed:
        gone = address(closed, "good")
    assert download(FILE, [gone, address(server, "good")], tmp_path, silent).read_bytes() == CONTENT


def test_a_gzip_file_stays_packed_at_a_mirror_that_would_have_it_unpacked_on_the_way(tmp_path):
    packed = gzip.compress(CONTENT)
    file = RemoteFile("packed.gz", hashlib.sha256(packed).hexdigest())
    with serving({file.name: packed}) as server:
        assert download(file, [address(server, "unpacking")], tmp_path, silent).read_bytes() == packed


def test_when_all_fail_it_is_said_in_a_sentence_why_and_in_another_what_to_do_and_no_file_is_left(server, tmp_path):
    mirrors = [address(server, behaviour) for behaviour in ("404", "500", "truncated", "wrong")]
    with pytest.raises(DataError) as caught:
        download(FILE, mirrors, tmp_path, silent)
    missing, what_to_do = str(caught.value).split("\n")
    machine = f"127.0.0.1:{server.server_port}"
    assert missing.startswith(f"numbers.gz is missing and could not be downloaded from {machine}: answered 404 Not Found; ")
    assert "answered 500 Internal Server Error; no connection, or it broke off" in missing
    assert missing.endswith("; wrong checksum, the file there is damaged or another one.")
    assert what_to_do == f"Download the files of the dataset by hand from {mirrors[0]} and name their folder with --data-dir."
    assert list(tmp_path.iterdir()) == []


def test_what_all_mirrors_have_in_common_is_said_once(server, tmp_path):
    with pytest.raises(DataError) as caught:
        download(FILE, [address(server, "404"), address(server, "404")], tmp_path, silent)
    assert str(caught.value).count("404 Not Found") == 1


def test_a_file_that_is_there_and_whole_is_not_asked_for_again(server, tmp_path):
    for _ in range(2):
        download(FILE, [address(server, "good")], tmp_path, silent)
    assert server.asked == ["good"]


def test_half_a_file_under_the_right_name_is_replaced(server, tmp_path):
    (tmp_path / FILE.name).write_bytes(CONTENT[:1000])
    assert download(FILE, [address(server, "good")], tmp_path, silent).read_bytes() == CONTENT


def test_the_file_has_its_name_only_when_it_is_whole(server, tmp_path):
    seen = []

    def watch(_what, done, _total):
        seen.append((done, (tmp_path / FILE.name).exists()))

    download(FILE, [address(server, "good")], tmp_path, watch)
    assert len(seen) > 2
    assert not any(exists for _, exists in seen)


def test_what_breaks_off_a_download_leaves_nothing_behind(server, tmp_path):
    def stop(_what, _done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(FILE, [address(server, "good")], tmp_path, stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("behaviour", "total"), [("good", len(CONTENT)), ("no-length", None)])
def test_progress_grows_to_the_size_of_the_file(server, tmp_path, behaviour, total):
    told = []
    download(FILE, [address(server, behaviour)], tmp_path, lambda *what: told.append(what))
    assert {what for what, _, _ in told} == {"downloading numbers.gz"}
    amounts = [done for _, done, _ in told]
    assert amounts == sorted(amounts)
    assert {of for _, _, of in told} == {total}
    if total:
        assert amounts[-1] == total
    else:
        assert len(CONTENT) <= amounts[-1] < len(CONTENT) + 65_536  # the last chunk is counted in full


def test_a_folder_that_cannot_be_made_is_said_with_the_variable_that_moves_it(server, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match=rf"cannot be written to \(Not a directory\); name another folder in {CACHE_VARIABLE}"):
        download(FILE, [address(server, "good")], tmp_path / "file" / "below", silent)


def test_the_cache_is_where_the_variable_says_else_in_the_usual_place(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv(CACHE_VARIABLE, "")
    assert cache_folder().name == "training-workbench"


def test_a_dataset_is_downloaded_read_and_kept(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    pictures = gzip.compress(struct.pack(">IIII", 2051, 30, 28, 28) + bytes(30 * 784))
    labels = gzip.compress(struct.pack(">II", 2049, 30) + bytes(n % 10 for n in range(30)))
    files = {file.name: pictures if "images" in file.name else labels for file in MNIST.files}
    digests = tuple(hashlib.sha256(content).hexdigest() for content in files.values())
    with serving(files) as server:
        small = replace(MNIST, mirrors=(address(server, "404"), address(server, "good")), sha256=digests)
        source = load(small, Data(name="mnist"), silent)
    assert (len(source.targets), source.test_from) == (60, 30)
    again = load(small, Data(name="mnist"), silent)  # the server is gone
    assert again.targets.tolist() == source.targets.tolist()
    assert sorted(path.name for path in (tmp_path / "mnist").iterdir()) == sorted(files)
