#!/bin/sh
# Runs a target for some seconds: fuzz/run.sh TARGET [SECONDS]. What it finds lies in fuzz/artifacts afterwards.
#
# Needs the nightly toolchain and `cargo install cargo-fuzz`. It does not stop at the first finding.
set -eu
cd "$(dirname "$0")"
target=$1
seconds=${2:-60}
features=""
seeds="seeds/$target"
longest=200
case $target in
    statement) longest=600 seeds="$seeds ../tests/golden" ;;
    session) longest=1000 seeds="$seeds ../tests/golden" ;;
    load) longest=16384 features="--features load" ;;
esac
mkdir -p "corpus/$target" "artifacts/$target"
# shellcheck disable=SC2086 — several words on purpose
exec nice -n 19 cargo +nightly fuzz run --sanitizer none $features "$target" "corpus/$target" $seeds -- \
    -max_total_time="$seconds" -max_len="$longest" -timeout=20 -rss_limit_mb=3000 -dict=language.dict \
    -fork=1 -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1 -print_final_stats=1
