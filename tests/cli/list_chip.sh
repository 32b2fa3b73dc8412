#!/bin/bash
# list metrics|groups --chip: what a GPU that is not here could count and what that costs, asked of the real CUPTI library, without
# driver or GPU.
. "$TOP/tests/tap.sh"

exits 2 "--chip with another kind" "$COUNTERMARK" list variants --chip GH100
has err "--chip tells metrics or groups, not variants" "tells what it is for"
exits 2 "--chip without a kind" "$COUNTERMARK" list --chip GH100
exits 2 "an empty name" "$COUNTERMARK" list groups --chip=
has err "such as GH100" "gets an example"
exits 0 "groups without a chip" "$COUNTERMARK" list groups
ok "tell their collector" grep -Eq '^base +papi ' out
ok "those for GPUs too" grep -Eq '^gpu_core +cupti ' out
exits 0 "a GLOB narrows any list" "$COUNTERMARK" list metrics 'PAPI_TOT*,wall.*'
is "to what matches, with and without its family" "$(awk '{print $1}' out | sort | tr '\n' ' ')" "metric papi.PAPI_TOT_CYC papi.PAPI_TOT_INS wall.time "
exits 2 "a GLOB that nothing matches" "$COUNTERMARK" list metrics wall.tine
has err "did you mean wall.time" "names what is near"
exits 2 "two GLOBs" "$COUNTERMARK" list metrics a b

"$COUNTERMARK" list groups --chip GH100 >prices 2>err
status=$?
if [ $status != 0 ]; then
    # Only a machine without the library, or a build without it, may be let off.
    is "what cannot be asked ends with exit code 3" "$status" 3
    ok "and with a sentence" grep -q '^countermark: .* .* ' err
    found=$(find "${COUNTERMARK_CUPTI:-/usr/local/cuda/lib64}"* -name "libcupti.so*" 2>/dev/null | head -n 1)
    if [ -z "$found" ] || grep -q 'built without CUDA' err || grep -q __asan_init "$COUNTERMARK"; then
        [ "$tap_failed" = 0 ] || done_testing
        skip "what is not about a chip passed; the rest: $(sed 's/^countermark: //' err)"
    fi
    is "CUPTI is there ($found): it can be asked" "$(cat err)" ""
    done_testing
fi

price() { awk -v group="$1" '$1 == group { print $2 }' prices; } # in passes
is "the default group takes one pass on GH100" "$(price gpu_core)" 1
is "operations are counted in one" "$(price gpu_flops)" 1
is "the speed of light is dear" "$(price gpu_throughput)" 9
is "all groups are there" "$(awk 'NR > 1 { print $1 }' prices)" "$("$COUNTERMARK" list groups | awk '$2 == "cupti" { print $1 }')"

exits 0 "metrics of a chip" "$COUNTERMARK" list metrics --chip GH100
ok "thousands" test "$(wc -l <out)" -gt 3500
is "first ours, with what is counted for it" "$(awk '$1 == "cupti.warp_instructions" { print $3 }' out)" "smsp__inst_executed.sum"
ok "then the chip's own" test "$(grep -n smsp__inst_executed_op_branch out | tail -n 1 | cut -d: -f1)" -gt "$(grep -n '^cupti.warp_instructions ' out | cut -d: -f1)"
exits 0 "some of them as JSON" "$COUNTERMARK" list metrics --chip GH100 'dram_bytes,dram__bytes' --format json
ok "with name, unit, what is counted, and meaning" python3 -c '
import json
d = json.load(open("out"))
assert d["document"] == "countermark list metrics" and d["version"] == 1
rows = {r["metric"]: r for r in d["rows"]}
assert len(d["rows"]) == 2 and rows["cupti.dram_bytes"]["unit"] == "bytes", d
assert rows["cupti.dram_bytes"]["counted"] == "dram__bytes.sum"
assert all(len(r["meaning"]) > 10 for r in d["rows"])
'
exits 0 "groups as JSON" "$COUNTERMARK" list groups --chip GB202 --format json
ok "have a price and their metrics" python3 -c '
import json
rows = json.load(open("out"))["rows"]
assert all(int(r["passes"]) >= 1 and int(r["launches"]) >= 1 and r["metrics"] for r in rows), rows
'
exits 0 "a chip that names things otherwise" "$COUNTERMARK" list metrics --chip GB202 dram_read_bytes
is "has other names for ours" "$(awk 'NR == 2 { print $3 }' out)" "dram__bytes_op_read.sum"
exits 2 "an unknown chip" "$COUNTERMARK" list groups --chip GH101
has err "GH100" "names those there are"
exits 2 "a board instead of a chip" "$COUNTERMARK" list metrics --chip "H100 PCIe"
done_testing
