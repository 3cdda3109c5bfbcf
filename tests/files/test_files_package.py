from __future__ import annotations

import os
import subprocess
import sys

import napari_fair.files as files


def test_every_public_name_can_be_had() -> None:
    for name in files.__all__:
        assert getattr(files, name) is not None


def test_importing_the_room_loads_no_heavy_library() -> None:
    code = (
        "import sys, napari_fair.files as f; f.replace, f.folder_lock, f.sha256_file, f.confine;"
        "f.read_json, f.parse_xml, f.FairError;"
        "print([m for m in ('lxml', 'filelock', 'numpy', 'pydantic') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    output = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert output.strip() == "[]"


def test_every_error_for_users_is_a_fair_error() -> None:
    for name in ("UnreadableFile", "UnsafePath", "FolderNotWritable", "DiskFull", "FolderLocked"):
        assert issubclass(getattr(files, name), files.FairError)
    assert not issubclass(files.Cancelled, files.FairError)
