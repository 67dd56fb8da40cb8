"""Records on the disk: what is left of them, and who writes and reads while others forget."""

import threading
from pathlib import Path
from typing import Any

import pytest

from fluid.csi.records import PublishedTarget, Records, StagedVolume

VOLUME = StagedVolume(volume_id="default-hbase", attributes={})
TARGET = PublishedTarget(volume_id="default-hbase", target="/pods/1/mount")


@pytest.mark.parametrize("unstaged_first", [False, True])
def test_nothing_is_left_of_a_volume_whichever_record_is_forgotten_first(
    tmp_path: Path, unstaged_first: bool
) -> None:
    records = Records(tmp_path)
    records.stage(VOLUME)
    records.publish(TARGET)
    assert (records.volumes(), records.targets(), records.targets("other")) == ([VOLUME], [TARGET], [])
    forgetting = [
        lambda: records.forget_target(TARGET.volume_id, TARGET.target),
        lambda: records.forget(VOLUME.volume_id),
    ]
    if unstaged_first:
        forgetting.reverse()
    forgetting[0]()
    assert [*tmp_path.iterdir()], "the other one is still noted"
    forgetting[1]()
    assert not [*tmp_path.iterdir()]


def test_a_record_is_written_although_the_folder_goes_with_another_in_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, write, gone = Records(tmp_path), Path.write_text, list[Path]()

    def late(path: Path, *text: Any, **more: Any) -> int:
        if not gone:
            gone.append(path)
            records.forget_target(TARGET.volume_id, TARGET.target)
        return write(path, *text, **more)

    monkeypatch.setattr(Path, "write_text", late)
    records.stage(VOLUME)
    assert gone
    assert records.volumes() == [VOLUME]


def test_records_are_read_while_folders_come_and_go(tmp_path: Path) -> None:
    records, done, problems = Records(tmp_path), threading.Event(), list[OSError]()

    def read() -> None:
        try:
            while not done.is_set():
                assert records.targets() in ([], [TARGET])
        except OSError as error:
            problems.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(500):
        records.publish(TARGET)
        records.forget_target(TARGET.volume_id, TARGET.target)
    done.set()
    reader.join()
    assert problems == []
