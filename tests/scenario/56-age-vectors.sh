#!/bin/bash
# Goal: age files are read as the age project's test vectors demand, and go both ways between age and this program
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"

need_age
vectors_install
build=$(dirname "$program")
make -C "$build" --silent tests/scenario/age_vector tests/bench/bench_age >"$folder/make" 2>&1 ||
    fail "the test programs do not build: $(tail -n 5 "$folder/make")"

# Every vector: what must open opens with the right payload, what must fail fails for the reason that it names,
# and post-quantum identities are refused by name.
mkdir "$folder/vectors"
node "$tree/tests/scenario/age_vectors.mjs" "$vectors" "$folder/vectors"
names=$(cd "$folder/vectors" && ls -- *.age | sed 's/\.age$//')
# shellcheck disable=SC2086 # one name a word
"$build/tests/scenario/age_vector" "$folder/vectors" $names >"$folder/verdicts" ||
    fail "vectors: $(grep ^FAILED "$folder/verdicts")"
[ "$(grep -c '^ok ' "$folder/verdicts")" -ge 124 ] || fail 'fewer vectors than there are'
! grep '^refused' "$folder/verdicts" | grep -v 'post-quantum' || fail 'more was refused than post-quantum identities'

# Both ways, at every size where chunks begin and end.
key mine
for size in 0 1 65535 65536 65537 131072 20000000; do
    head -c "$size" /dev/urandom >"$folder/plain"
    "$build/tests/bench/bench_age" encrypt "$(recipient mine)" <"$folder/plain" >"$folder/ours.age"
    age -d -i "$folder/mine.key" "$folder/ours.age" >"$folder/found" || fail "age does not open $size bytes"
    same_files "$folder/plain" "$folder/found" "what age finds in $size bytes"
    age -r "$(recipient mine)" <"$folder/plain" >"$folder/theirs.age"
    "$build/tests/bench/bench_age" decrypt "$folder/mine.key" "$folder/theirs.age" >"$folder/found" ||
        fail "age's file of $size bytes does not open"
    same_files "$folder/plain" "$folder/found" "age's file of $size bytes"
done
