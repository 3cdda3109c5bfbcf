#!/bin/sh
# system_libraries.sh: see that Qt's and Xvfb's system libraries are there.
# What is missing is installed on Debian and Ubuntu by root; else the line that does it is printed.
set -eu
[ "$(uname -s)" = Linux ] || exit 0
PATH=$PATH:/usr/sbin:/sbin

# What to look for, and the Debian package that has it. Qt names only xcb-cursor when any is missing.
wanted='
libEGL.so.1 libegl1
libGL.so.1 libgl1
libOpenGL.so.0 libopengl0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
'
known=$(ldconfig -p 2>/dev/null || true)
missing=$(echo "$wanted" | while read -r library package; do
    case $known in *"$library"*) ;; *) echo "$package" ;; esac
done)

fc-list 2>/dev/null | grep -q . || missing="$missing fontconfig fonts-dejavu-core"
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    command -v xvfb-run >/dev/null 2>&1 || missing="$missing xvfb"
    command -v xauth >/dev/null 2>&1 || missing="$missing xauth"
    [ -n "$(find /usr/lib/dri /usr/lib/*/dri /usr/lib64/dri -name '*_dri.so' 2>/dev/null | head -n 1)" ] ||
        missing="$missing libgl1-mesa-dri"
fi

missing=$(echo $missing)
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system libraries: $missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=120 update -qq
    # The names are a list of words on purpose.
    # shellcheck disable=SC2086
    exec apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends $missing
fi
echo "napari needs system libraries that are not here: on Debian or Ubuntu run: sudo apt-get install -y $missing" >&2
exit 1
