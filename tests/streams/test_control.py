"""Orders to the media process: quick, understood on both sides, and refused in words when nobody is there."""

import socket
import threading
from dataclasses import replace

import pytest

from tests.streams.conftest import Door
from training_app.config import Settings
from training_app.media.protocol import CONTROL_SOCKET, FOLDER, STAGES
from training_app.processes import private_socket
from training_app.streams import control
from training_app.streams.control import MediaAway
from training_app.streams.names import Stage, State, Venue

STAGE = Stage("o7", 3, State.OPEN, None, (Venue("v1", ("l1", "l2"), consented=False, recorded=False),))


def test_a_stage_is_told_whole_and_an_older_one_is_refused(door: Door) -> None:
    assert control.tell(door.settings, STAGE) and not control.tell(door.settings, replace(STAGE, version=2))
    assert door.told == [STAGE] and control.health(door.settings)["stages"] == {"o7": 3}


def test_figures_are_those_of_an_occasion_that_is_known(door: Door) -> None:
    assert control.figures(door.settings, "o7") == {}
    control.tell(door.settings, STAGE)
    assert control.figures(door.settings, "o7") == {"version": 3, "state": "open", "paths": {"o7/v1": {"live": True}}}


def test_a_recording_is_deleted_once_it_is_asked_for(door: Door) -> None:
    assert [control.delete_recording(door.settings, occasion) for occasion in ("o7", "o8")] == [True, False]


def test_a_restored_site_is_not_taken_for_an_older_one(door: Door) -> None:
    control.tell(door.settings, STAGE)
    folder = door.settings.data_dir / FOLDER / STAGES
    assert [path.name for path in folder.iterdir()] == ["o7.json"]
    control.forget_stages(door.settings)
    assert not folder.exists()


def test_events_come_in_their_order_until_they_are_taken(door: Door) -> None:
    door.emit("p1", "p2", "p3")
    events = control.events(door.settings, 2)
    assert [event.sub for event in events] == ["p1", "p2"] and events[0].details == {"transport": "udp"}
    control.take(door.settings, events[-1].spool, events[-1].number)
    assert [event.sub for event in control.events(door.settings, 9)] == ["p3"]


def test_without_a_media_process_it_is_refused_in_words(settings: Settings) -> None:
    with pytest.raises(MediaAway, match="Streams are not available just now"):
        control.health(settings)


def test_where_streams_are_switched_off_nobody_is_asked(door: Door) -> None:
    with pytest.raises(MediaAway):
        control.health(replace(door.settings, media=False))


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n\r\nnot JSON", b"HTTP/1.1 500 No\r\n\r\n{}"])
def test_who_answers_with_nonsense_is_as_good_as_away(settings: Settings, said: bytes) -> None:
    with private_socket(settings.data_dir / CONTROL_SOCKET) as server:
        server.listen(1)
        _answer_with(server, said)
        with pytest.raises(MediaAway):
            control.health(settings)


def _answer_with(server: socket.socket, said: bytes) -> None:
    """Whoever comes next gets this, whatever is asked."""

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(said)

    threading.Thread(target=answer, daemon=True).start()
