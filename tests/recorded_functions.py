"""Functions for magicgui, which reads their annotations: they must not be texts."""

from collections.abc import Callable
from threading import Event

import napari
import numpy as np
from napari import types
from napari.layers import Image
from napari.qt.threading import FunctionWorker, thread_worker
from skimage.filters import gaussian


def blur(image: types.ImageData, sigma: float = 1.0) -> types.ImageData:
    return gaussian(image, sigma=sigma)


def mask(image: Image, level: float = 0.5) -> types.LayerDataTuple:
    return (image.data > level, {"name": "mask"}, "labels")


def faulty(image: types.ImageData, sigma: float = 1.0) -> types.ImageData:
    raise ValueError(f"nothing to see with {sigma}")


@thread_worker
def _slowly(image: np.ndarray, factor: float) -> np.ndarray:
    return image * factor


def scaled(image: types.ImageData, factor: float = 2.0) -> FunctionWorker[types.ImageData]:
    return _slowly(image, factor, _start_thread=True)


may_fail = Event()


@thread_worker
def _fails() -> np.ndarray:
    may_fail.wait(10)
    raise RuntimeError("the worker broke")


def broken(image: types.ImageData) -> FunctionWorker[types.ImageData]:
    return _fails(_start_thread=True)


def inner_function() -> Callable[..., types.ImageData]:
    def hidden(image: types.ImageData, size: int = 3) -> types.ImageData:
        return image + size

    return hidden


def adds_itself(image: Image) -> None:
    viewer = napari.current_viewer()
    viewer.add_image(image.data + 1, name="own")


def compact(size: int = 3) -> None:
    """Says nothing of what it does."""
