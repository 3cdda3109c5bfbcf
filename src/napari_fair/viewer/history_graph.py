"""What came from what: each state of data as a row with its thumbnail, joined by lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_fair.viewer import history_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_fair.provenance import History
    from napari_fair.viewer.theme import Palette

_ROW, _THUMBNAIL, _LANE, _LEFT, _MOST_LANES = 46, 36, 14, 14, 7
_TOLD = 60
"""Nodes that screen readers are told of."""


class Node(NamedTuple):
    """A state of data in the graph.

    Attributes
    ----------
    lane
        Column of its dot.
    sources
        Numbers of the nodes that it was made of.
    step
        Id of the step that made it, empty for what was there.
    """

    data: str
    name: str
    made_by: str
    tone: str
    sign: str
    step: str
    lane: int
    sources: tuple[int, ...]


def nodes_of(history: History) -> list[Node]:
    """Return the states of data in the order they came, each in a lane.

    A state goes on in the lane of its first source when nothing else did so yet; branches get a
    lane of their own.
    """
    refs = {ref.id: ref for ref in history.data}
    numbers: dict[str, int] = {}
    nodes: list[Node] = []
    tips: dict[int, int] = {}  # the last node of each lane, and which lane that is

    def add(data: str, made_by: str, tone: str, sign: str, step: str, used: list[int]) -> None:
        ref = refs.get(data)
        tip = next((n for n in used if n in tips), None)
        lane = tips.pop(tip) if tip is not None else len(tips)
        tips[len(nodes)] = lane
        numbers[data] = len(nodes)
        name = ref.name if ref is not None else "unknown data"
        lane = min(lane, _MOST_LANES - 1)
        nodes.append(Node(data, name, made_by, tone, sign, step, lane, tuple(used)))

    for step in history.steps:
        sign, tone = words.mark_of(step)
        for slot in step.inputs:
            if slot.data not in numbers:
                add(slot.data, "", "declared", "○", "", [])
        used = [numbers[slot.data] for slot in step.inputs]
        for slot in step.outputs:
            if slot.data not in numbers:
                add(slot.data, step.name, tone, sign, step.id, used)
    return nodes


class HistoryGraph(QWidget):
    """Draws the states of data; a click says which one.

    Attributes
    ----------
    chosen
        A state was clicked; argument is the id of its data.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What came from what")
        self.nodes: list[Node] = []
        self._thumbnails: Mapping[str, QPixmap] = {}
        self._colours: Palette | None = None
        self._tones: dict[str, str] = {}

    def set_colours(self, colours: Palette, tones: dict[str, str]) -> None:
        """Draw in these colours."""
        self._colours, self._tones = colours, tones
        self.update()

    def show_history(self, history: History, thumbnails: Mapping[str, QPixmap]) -> None:
        """Show what came from what."""
        self.nodes, self._thumbnails = nodes_of(history), thumbnails
        self.setFixedHeight(max(_ROW * len(self.nodes), _ROW))
        told = (f"{node.name} by {node.made_by or 'nobody seen'}" for node in self.nodes[:_TOLD])
        self.setAccessibleDescription("; ".join(told)[:2000])
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(200, max(_ROW * len(self.nodes), _ROW))

    # ---- drawing ----

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the rows in sight."""
        if event is None or self._colours is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = event.rect()
        first = max(area.top() // _ROW, 0)
        last = min(area.bottom() // _ROW + 1, len(self.nodes))
        for number, node in enumerate(self.nodes):
            for source in node.sources:
                if source < last and number >= first:
                    self._draw_line(painter, source, number)
        for number in range(first, last):
            self._draw_node(painter, number, self.nodes[number])

    def _dot(self, number: int) -> QPointF:
        return QPointF(_LEFT + self.nodes[number].lane * _LANE, number * _ROW + _ROW / 2)

    def _colour(self, tone: str) -> QColor:
        fallback = self._colours.muted if self._colours is not None else "#888888"
        return QColor(self._tones.get(tone, fallback))

    def _draw_line(self, painter: QPainter, source: int, number: int) -> None:
        start, end = self._dot(source), self._dot(number)
        path = QPainterPath(start)
        bend = min(_ROW / 2, abs(end.y() - start.y()))
        path.lineTo(QPointF(start.x(), end.y() - bend))
        path.cubicTo(
            QPointF(start.x(), end.y()), QPointF(end.x(), end.y() - bend), QPointF(end.x(), end.y())
        )
        pen = QPen(self._colour(self.nodes[number].tone))
        pen.setWidthF(1.6)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _draw_node(self, painter: QPainter, number: int, node: Node) -> None:
        if self._colours is None:
            return
        dot = self._dot(number)
        painter.setPen(QPen(QColor(self._colours.background), 2))
        painter.setBrush(self._colour(node.tone))
        painter.drawEllipse(dot, 5, 5)
        left = self._text_left()
        top = number * _ROW
        pixmap = self._thumbnails.get(node.data)
        frame = QRect(left, top + (_ROW - _THUMBNAIL) // 2, _THUMBNAIL, _THUMBNAIL)
        painter.fillRect(frame, QColor(self._colours.field))
        if pixmap is not None:
            painter.drawPixmap(frame, pixmap)
        self._draw_text(painter, node, frame.right() + 9, top)

    def _draw_text(self, painter: QPainter, node: Node, left: int, top: int) -> None:
        if self._colours is None:
            return
        width = max(self.width() - left - 8, 20)
        metrics = self.fontMetrics()
        elide = Qt.TextElideMode.ElideMiddle
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setPen(QColor(self._colours.text))
        name = metrics.elidedText(node.name, elide, width)
        painter.drawText(QRect(left, top + 4, width, 19), align, name)
        painter.setPen(QColor(self._colours.muted))
        by = f"{node.sign} {node.made_by}" if node.made_by else f"{node.sign} where it began"
        by = metrics.elidedText(by, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top + 22, width, 19), align, by)

    def _text_left(self) -> int:
        lanes = max((node.lane for node in self.nodes), default=0)
        return _LEFT + lanes * _LANE + 16

    # ---- pointing ----

    def _at(self, y: float) -> Node | None:
        number = int(y // _ROW)
        return self.nodes[number] if 0 <= number < len(self.nodes) else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Say which state was clicked."""
        node = self._at(event.position().y()) if event is not None else None
        if node is not None:
            self.chosen.emit(node.data)

    def event(self, event: QEvent | None) -> bool:
        """Show the whole of a long name."""
        if isinstance(event, QHelpEvent):
            node = self._at(event.pos().y())
            if node is not None:
                QToolTip.showText(event.globalPos(), f"{node.name}\n{node.made_by}".strip(), self)
            return True
        return super().event(event)
