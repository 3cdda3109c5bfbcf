"""When, for how long and where each plane of an image was taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import model_validator

from napari_fair.model.recorded import Frozen


class Plane(NamedTuple):
    """One plane; what is not known of it is None.

    Attributes
    ----------
    the_z, the_c, the_t
        Its place in the image, each from 0.
    delta_t
        Seconds since the acquisition began.
    exposure_time
        In seconds.
    position_x, position_y, position_z
        Where the stage and the focus stood, in micrometres.
    """

    the_z: int
    the_c: int
    the_t: int
    delta_t: float | None = None
    exposure_time: float | None = None
    position_x: float | None = None
    position_y: float | None = None
    position_z: float | None = None


class Planes(Frozen):
    """The planes of an image in the order they were taken, as columns, which are all as long."""

    the_z: tuple[int, ...] = ()
    the_c: tuple[int, ...] = ()
    the_t: tuple[int, ...] = ()
    delta_t: tuple[float | None, ...] = ()
    exposure_time: tuple[float | None, ...] = ()
    position_x: tuple[float | None, ...] = ()
    position_y: tuple[float | None, ...] = ()
    position_z: tuple[float | None, ...] = ()

    @model_validator(mode="after")
    def _columns_are_as_long(self) -> Planes:
        if len({len(getattr(self, name)) for name in Plane._fields}) > 1:
            raise ValueError("the columns of planes are all as long")
        return self

    @classmethod
    def of(cls, planes: Iterable[Plane]) -> Planes:
        """Return planes as columns."""
        rows = list(planes)
        columns = zip(*rows, strict=True) if rows else [()] * len(Plane._fields)
        return cls(**dict(zip(Plane._fields, columns, strict=True)))

    def __len__(self) -> int:
        return len(self.the_z)

    def rows(self) -> Iterator[Plane]:
        """Yield the planes one by one."""
        columns = (getattr(self, name) for name in Plane._fields)
        return (Plane(*row) for row in zip(*columns, strict=True))
