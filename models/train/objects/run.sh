#!/bin/sh
# Trains, exports and packs the objects network; resumes where it was stopped. Run in the repository's root.
#   models/train/objects/run.sh ../shared/data/images VERSION [more options of train.py]
# A file models/train/work/objects/finish ends the run within three minutes of processor time, with a falling rate.
set -eu
data=$1
version=$2
shift 2
out=models/train/work/objects
python=${PYTHON:-/usr/bin/python3}
teacher=models/train/work/teacher.json
[ -f "$teacher" ] && set -- --teacher "$teacher" "$@"
[ -d models/synth/work/stills/train ] && set -- --rendered models/synth/work/stills "$@"
$python -W ignore models/train/objects/train.py --data "$data" --out "$out" "$@"
$python -W ignore models/train/objects/package.py "$out" models/objects-v1 --version "$version"
cp "$out/curve.csv" "$out/curve.png" models/objects-v1/
