#!/bin/sh
# create_environment.sh FOLDER: make a virtual environment, or say in one sentence why not.
set -eu
folder=$1
python=${PYTHON:-python3}

stop() {
    echo "$1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    stop "napari-fair needs Python 3.11 or newer, but there is no '$python': on Debian or Ubuntu run: sudo apt-get install -y python3 python3-venv"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "napari-fair needs Python 3.11 or newer, but '$python' is $("$python" -V 2>&1): name a newer one, for example: make PYTHON=python3.12 demo"

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package"
    else
        stop "'$python' cannot make virtual environments: on Debian or Ubuntu run: sudo apt-get install -y $package"
    fi
fi

"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
