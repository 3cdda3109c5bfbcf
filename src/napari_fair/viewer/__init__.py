"""The napari door: the dock, the reader that reopens a crate, the sample and the demo."""
