"""Functions for magicgui, which reads their annotations: they must not be texts."""

from collections.abc import Callable, Iterator
from threading import Event

import napari
import numpy as np
from napari import types
from napari.layers import Image
from napari.qt.threading import FunctionWorker, GeneratorWorker, thread_worker
from skimage.filters import gaussian


def blur(image: types.ImageData, sigma: float = 1.0) -> types.ImageData:
    return gaussian(image, sigma=sigma)


def mask(image: Image, level: float = 0.5) -> types.LayerDataTuple:
    return (image.data > level, {"name": "mask"}, "labels")


def faulty(image: types.ImageData, sigma: float = 1.0) -> types.ImageData:
    raise ValueError(f"nothing to see with {sigma}")


may_scale = Event()


@thread_worker
def _slowly(image: np.ndarray, factor: float) -> np.ndarray:
    # a worker that ends before napari listens to it gives its result to nobody
    may_scale.wait(10)
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


def spoils(image: types.ImageData, size: float = 2.0) -> types.ImageData:
    """Writes into what it was given."""
    image[0, 0] = size
    return image * 2


def noisy(image: types.ImageData) -> types.ImageData:
    return image + np.random.rand()


def removes_its_input(image: Image, level: float = 0.5) -> types.LayerDataTuple:
    napari.current_viewer().layers.remove(image)
    return (image.data > level, {"name": "mask"}, "labels")


order = [Event(), Event()]


@thread_worker
def _in_turn(image: np.ndarray, number: int) -> np.ndarray:
    order[number].wait(10)
    return image + number


def overtaking(image: types.ImageData, number: int = 0) -> FunctionWorker[types.ImageData]:
    return _in_turn(image, number, _start_thread=True)


def counted(labels: types.LabelsData, number: int = 0) -> FunctionWorker[types.LabelsData]:
    return _in_turn(labels, number, _start_thread=True)


begun: list[GeneratorWorker] = []


@thread_worker
def _given_up(image: np.ndarray) -> Iterator[np.ndarray]:
    order[0].wait(10)
    yield image
    yield image


def stops(image: types.ImageData) -> FunctionWorker[types.ImageData]:
    begun.append(_given_up(image))
    begun[-1].start()
    return begun[-1]
