"""The program: the path that the host chooses among those of the venues."""

from training_app.media import rtp
from training_app.media.flow import Track
from training_app.media.paths import Stream, VenuePath


class Program(Stream):
    """The stream that the host chose: it goes on from one venue to another, at the next keyframe of the other."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.shown: VenuePath | None = None
        self.coming: VenuePath | None = None

    def choose(self, path: VenuePath | None, *, may_wait: bool = True) -> None:
        """`path` is shown as soon as it has a keyframe; None: nothing is shown.

        may_wait: whether what is shown now may go on until then.
        """
        if self.coming is not None and self.coming is not path:
            self.coming.followers.remove(self)
        self.coming = None
        if path is None:
            if self.shown is not None:
                self.shown.followers.remove(self)
            self.shown = None
            self._cut()
        elif path is not self.shown:
            self._follow(path)
            self.coming = path
            if self.shown is None or not may_wait:
                self._switch(path)

    def feed(self, path: VenuePath, track: Track, packet: rtp.Rtp, arrived: float, *, starts_keyframe: bool) -> None:
        """A packet of a venue that is shown or coming."""
        if path is self.coming and (starts_keyframe or not (self.shown and self.shown.is_live)):
            self._switch(path)
        if path is self.shown:
            self._give(track, packet, arrived, starts_keyframe)

    def feed_clock(self, path: VenuePath, track: Track, timestamp: int, at: float) -> None:
        """A report of a venue's publisher."""
        if path is self.shown:
            self._give_clock(track, timestamp, at)

    def begin_again(self, path: VenuePath) -> None:
        """A venue's stream has other numbers from now on."""
        if path is self.shown:
            self.before.begin()
            self.air.begin()

    def lose(self, path: VenuePath) -> None:
        """A venue's publisher has left."""
        if path is self.shown:
            self._cut()

    def ask_keyframe(self) -> None:
        """Passed on to the venue that is shown, or coming."""
        path = self.coming or self.shown
        if path is not None:
            path.ask_keyframe()

    @property
    def is_live(self) -> bool:
        """Whether the venue that is shown sends anything."""
        return self.shown is not None and self.shown.is_live

    def _switch(self, path: VenuePath) -> None:
        if self.shown is not None:
            self.shown.followers.remove(self)
        self.shown, self.coming = path, None
        self.before.begin()
        self.air.begin()

    def _follow(self, path: VenuePath) -> None:
        if self not in path.followers:
            path.followers.append(self)
        path.ask_keyframe()
