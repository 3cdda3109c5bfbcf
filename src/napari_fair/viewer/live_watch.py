"""A watched folder in the dock: started, paused and stopped, and what came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from napari_fair.viewer.state import sentence_of

if TYPE_CHECKING:
    from napari_fair.live import Watcher
    from napari_fair.model import ImageSource
    from napari_fair.session import Session
    from napari_fair.viewer.live_state import LiveModel

_MOST_SHOWN = 5
_AT_ONCE = 0.05
"""Seconds that changes of the record may take before the window is drawn again."""


class WatchModel:
    """One folder that is watched.

    Attributes
    ----------
    folder
        None while nothing is watched.
    arrived
        Names of the images that came last, newest first.
    newest
        The image that came last and was not shown yet.
    """

    def __init__(self, live: LiveModel) -> None:
        self._live = live
        self.folder: Path | None = None
        self.paused = False
        self.arrived: list[str] = []
        self.count = 0
        self.problem = ""
        self.newest: tuple[Session, ImageSource] | None = None
        self._shown: Path | None = None
        self._session: Session | None = None
        self._watcher: Watcher | None = None
        self._waiting: deque[Callable[[], object]] = deque()
        self._posted = False

    @property
    def sentence(self) -> str:
        """What to say about it."""
        if self.folder is None:
            return "Watch a folder: each image that arrives gets its record at once."
        came = "1 image" if self.count == 1 else f"{self.count} images"
        return f"{'Paused' if self.paused else 'Watching'} {self.folder.name} · {came} taken up"

    def start(self, folder: Path) -> None:
        """Watch a folder; what is in it already is taken up too."""
        self._let_go()
        self.folder, self.paused, self.problem = folder.resolve(), False, ""
        self.arrived, self.count = [], 0
        self._run(self.folder)

    def pause(self) -> None:
        """Take up nothing for a while; what comes meanwhile is found later."""
        self.paused = True
        self._let_go()
        self._live.changed.emit()

    def go_on(self) -> None:
        """Watch again."""
        if self.folder is not None:
            self.paused = False
            self._run(self.folder)

    def stop(self) -> None:
        """Watch no longer."""
        self._let_go()
        self.folder, self.paused = None, False
        self._live.changed.emit()

    def close(self) -> None:
        """Stop at once: the viewer goes."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    def _run(self, folder: Path) -> None:
        self._live.model.runner.run(
            "watch", partial(self._begun, folder), partial(self._watch, folder), self._failed
        )
        self._live.changed.emit()

    def _begun(self, folder: Path) -> tuple[Session, Watcher]:
        """Open the folder's record and make the watcher; runs in any thread."""
        from napari_fair.live import watch

        session = self._live.model.sessions.prepared(folder)
        return session, watch(folder, deliver=self._deliver)

    def _watch(self, folder: Path, begun: tuple[Session, Watcher]) -> None:
        session, watcher = begun
        if folder != self.folder or self.paused:
            return
        self._session = self._live.model.sessions.adopt(session)
        self._live.take_part(self._session)
        self._watcher = watcher
        post = self._live.post
        watcher.arrived.connect(lambda path, _id: self._hand_on(partial(self._came, path)))
        watcher.problem.connect(lambda sentence: post(partial(self._say, sentence)))
        watcher.start()
        self._live.changed.emit()

    # ---- told in the watcher's thread, done in the viewer's ----

    def _deliver(self, change: Callable[[Session], Any]) -> None:
        self._hand_on(partial(self._change, change))

    def _hand_on(self, do: Callable[[], object]) -> None:
        """Do something soon; what comes at once is done together, in order."""
        self._waiting.append(do)
        if not self._posted:
            self._posted = True
            self._live.post(self._work_off)

    def _work_off(self) -> None:
        self._posted = False
        began = monotonic()
        session = self._session
        with session.changed.blocked() if session is not None else nullcontext():
            while self._waiting and monotonic() - began < _AT_ONCE:
                self._waiting.popleft()()
        if session is not None:
            session.changed.emit()
        if self._waiting and not self._posted:
            self._posted = True
            self._live.post(self._work_off)
        self._live.changed.emit()

    def _change(self, change: Callable[[Session], Any]) -> None:
        try:
            if self._session is not None:
                change(self._session)
        except Exception as problem:
            self._failed(problem)

    def _came(self, path: Path) -> None:
        session = self._session
        source = session.source_at(path) if session is not None else None
        if session is None or source is None:
            return
        self.count += 1
        self.arrived = [path.name, *(name for name in self.arrived if name != path.name)]
        del self.arrived[_MOST_SHOWN:]
        self.newest = (session, source)
        self._live.saving.save(session, source.id)

    def show_newest(self) -> None:
        """Show the image that came last, unless a person looks at another one."""
        newest, self.newest = self.newest, None
        model = self._live.model
        ours = self._shown is not None and model.subject.path == self._shown
        if newest is None or not (ours or model.session is None):
            return
        session, source = newest
        self._shown = session.folder / source.path
        model.show_held(session, source)

    def _say(self, sentence: str) -> None:
        self.problem = sentence
        self._live.changed.emit()

    def _failed(self, problem: Exception) -> None:
        self._say(sentence_of(problem))

    def _let_go(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            self._live.model.runner.run("watch end", watcher.stop, lambda _: None, self._failed)
