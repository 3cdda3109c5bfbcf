#!/bin/sh
# with_display.sh COMMAND...: run it on this display, or on a virtual one of 1280 x 720 without.
set -eu
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" != Linux ]; then
    exec "$@"
fi
QT_QPA_PLATFORM=xcb exec xvfb-run -a -s "-screen 0 1280x720x24" "$@"
