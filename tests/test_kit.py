"""The files that an installation brings for its server, and the bank to begin with."""

from pathlib import Path

import pytest

from tests.support.commands import command
from tests.support.site import Installation


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "var")


def test_settings_are_for_root_alone_and_the_command_can_be_run(place: Installation, tmp_path: Path) -> None:
    ended = command(place, "kit", str(tmp_path / "kit"), "--host", "Exam.Base.Example")
    modes = {Path(line).name: Path(line).stat().st_mode & 0o777 for line in ended.said.splitlines()}
    assert (modes["training.env"], modes["training-app"], modes["training.service"]) == (0o600, 0o755, 0o644)
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "kit").iterdir()]
    assert any("server_name exam.base.example;" in text for text in texts)
    assert [text for text in texts if "@HOST@" in text or "@PROGRAM@" in text] == []


@pytest.mark.parametrize("host", ["", "a b", "x;include /etc/passwd", "exam.example/"])
def test_what_names_no_host_is_written_nowhere(place: Installation, tmp_path: Path, host: str) -> None:
    ended = command(place, "kit", str(tmp_path / "kit"), "--host", host)
    assert ended.status == 1 and "is not the name of a host" in ended.complained and not (tmp_path / "kit").exists()


def test_the_template_of_a_bank_is_sound_and_never_written_over(place: Installation, tmp_path: Path) -> None:
    folder = str(tmp_path / "ours")
    assert command(place, "bank", "template", folder).status == 0
    assert command(place, "bank", "check", folder).status == 0
    again = command(place, "bank", "template", folder)
    assert again.status == 1 and "exists already" in again.complained
