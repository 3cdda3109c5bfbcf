"""Names of Python functions as records state them: checked before anything is done with them."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata

_PART = re.compile(r"[^\W\d]\w*\Z")
_LONGEST = 200
_REFUSED = frozenset(
    {
        *("builtins", "__main__", "pip", "setuptools", "pkg_resources", "distutils", "wheel"),
        *("IPython", "ipykernel", "pytest", "_pytest", "cffi", "pexpect", "ptyprocess"),
        *("cloudpickle", "dill", "joblib", "numexpr", "requests", "urllib3", "fsspec", "pooch"),
        *("napari_fair", "npe2", "app_model", "magicgui", "qtpy", "PyQt5", "PyQt6", "PySide6"),
    }
)
_TOOLS = ("numpy.testing", "numpy.f2py", "numpy.distutils", "numpy.ctypeslib")
"""Parts of packages for analysis that run texts as code, or compilers."""
_REACHING = tuple(f"{name}." for name in _TOOLS)


def is_name(text: str) -> bool:
    """Whether a text is a dotted name that can stand in an import.

    Python reads letters that only look alike as the same (PEP 3131), so such names are none.
    """
    if len(text) > _LONGEST or unicodedata.normalize("NFKC", text) != text:
        return False
    return all(_PART.match(part) and not keyword.iskeyword(part) for part in text.split("."))


def split_function(function: str) -> tuple[str, str] | None:
    """Return module and qualified name of ``module:name``; None when it is no such thing.

    Names that begin and end with two underscores are refused: they reach into Python itself.
    """
    module, colon, name = function.partition(":")
    if not colon or not is_name(module) or not is_name(name):
        return None
    parts = [*module.split("."), *name.split(".")]
    if any(part.startswith("__") for part in parts):
        return None
    return module, name


def why_refused(function: str) -> str:
    """Return why a function is never called, whoever approves it; empty when it may be."""
    parts = split_function(function)
    if parts is None:
        return f"{function[:_LONGEST]!r} does not name a function as module:function"
    reached = [parts[0].split(".")[0], *parts[1].split(".")[:-1]]  # numpy:os.system is of os
    whole = f"{parts[0]}.{parts[1]}."
    if any(is_of_python(name) for name in reached) or whole.startswith(_REACHING):
        return f"{function} belongs to Python or its tools, not to image analysis"
    return ""


def is_of_python(module: str) -> bool:
    """Whether a module is of the standard library or of Python's own tools."""
    top = module.split(".")[0]
    return top in sys.stdlib_module_names or top in _REFUSED
