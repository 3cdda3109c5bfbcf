"""File ▸ Acquire: the dock with its Live tab."""

# napari looks at the annotations of commands: they have to be real types
import napari.viewer


def live_session(viewer: napari.viewer.Viewer) -> None:
    """Open the dock, or take the one that is open, and show its Live tab."""
    _, dock = viewer.window.add_plugin_dock_widget("napari-fair", "FAIR annotation")
    dock.show_live()
