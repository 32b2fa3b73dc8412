#!/bin/bash
# report: pages about a machine with a GPU, from an export with chosen numbers: what stands in them follows from those, nothing is said
# about GPUs where there are none, and no text of a driver breaks out.
. "$TOP/tests/tap.sh"

cat >data.py <<'E'
# Prints an export: a run on a machine with a GPU. Arguments: nogpu (no driver: variants cannot run), none (there are no such variants),
# plain (times alone), small (copies
# of 64 KiB, no peak in single precision), apart (GPU variants at another size), hostile (texts made to break out).
import json, sys
options = set(sys.argv[1:])
hostile = "<b>&'\"`$(touch pwned)" if "hostile" in options else ""
lines, points, launches = [], {}, []
gpu_facts = {"gpu.count": "1", "gpu.0.name": "NVIDIA H100 80GB HBM3" + hostile, "gpu.0.capability": "9.0", "gpu.0.sms": "132",
             "gpu.0.l2.bytes": str(50 << 20), "gpu.0.memory.bytes": str(80 << 30), "gpu.0.memory.bus": "5120",
             "gpu.0.sm_clock.max": "1980", "gpu.0.memory_clock.max": "2619"}
gpu_environment = {"gpu.driver": "580.65.06", "gpu.cuda": "13.0", "gpu.0.ecc": "on", "gpu.0.mig": "off", "gpu.0.power_limit": "700"}
gpu = not options & {"nogpu", "none"}
metrics = {
    "wall.time": ("ns", "duration"), "device.time": ("ns", "duration"), "device.setup": ("ns", "gauge"), "device.upload": ("ns", "gauge"),
    "device.download": ("ns", "gauge"), "cupti.kernel_time": ("ns", "duration"), "cupti.copy_time": ("ns", "duration"),
    "cupti.occupancy": ("%", "gauge"), "cupti.occupancy_limit": ("%", "gauge"), "cupti.issue_used": ("%", "gauge"),
    "cupti.fp64_pipe_used": ("%", "gauge"), "cupti.fma_pipe_used": ("%", "gauge"), "cupti.dram_used": ("%", "gauge"),
    "cupti.l1_hit_rate": ("%", "gauge"), "cupti.l2_hits": ("1", "count"), "cupti.l2_misses": ("1", "count"),
    "cupti.dram_bytes": ("bytes", "count"), "cupti.sass_dfma": ("1", "count"), "cupti.sass_ffma": ("1", "count"),
    "cupti.fp64_flops": ("flop", "derived", "2 * cupti.sass_dfma"), "cupti.fp32_flops": ("flop", "derived", "2 * cupti.sass_ffma"),
    "cupti.l2_hit_rate": ("%", "derived", "100 * cupti.l2_hits / (cupti.l2_hits + cupti.l2_misses)"),
    "cupti.dram_bandwidth": ("GB/s", "derived", "cupti.dram_bytes / device.time")}
for name, (unit, kind, *formula) in metrics.items():
    line = {"type": "metric", "name": name, "unit": unit, "kind": kind, "better": "neither", "deterministic": False, "meaning": "scripted"}
    lines.append(line | ({"formula": formula[0]} if formula else {}))

def add(kernel, variant, axes, work, passes, match=0, reason=None):
    text = f"{kernel}/{variant}:" + ",".join(f"{a}={v}" for a, v in sorted(axes.items()))
    points[text] = {"type": "point", "id": len(points) + 1, "text": text, "kernel": kernel, "variant": variant, "kernel_version": "1",
                    "variant_version": "1", "code_hash": "aa%d" % len(points), "axes": axes}
    for number, samples in enumerate(passes):
        launch = {"type": "launch", "run": "u1", "sequence": len(launches), "point": points[text]["id"], "number": 0,
                  "pass": "" if not number else "cupti:set%d" % number, "status": "unavailable" if reason else "done", "started": 1795000000}
        if reason:
            launch |= {"reason": reason, "samples": {}}
        else:
            inner = 10 if number else 2
            kept = {}
            for name, value in samples.items():
                kind = metrics[name][1]
                if kind == "gauge" and not number:
                    kept[name] = [[-1, value]]
                else:
                    kept[name] = [[r, value * (1 if kind == "gauge" else inner)] for r in range(3)]
            launch |= {"exit_code": 0, "inner": inner, "wall_s": 1.0, "executing_s": 0.9, "match": match, "deviations": 7 if match else 0,
                       "elements": work[0], "flops": work[1], "bytes_read": work[2], "bytes_written": work[3], "checksum": "00", "samples": kept}
        launches.append(launch)

def cpu(kernel, variant, axes, work, ns, match=0):
    add(kernel, variant, axes, work, [{"wall.time": ns}], match)

# wall, device and kernel time; counters
def device(kernel, variant, axes, work, wall, dev, kernels, dram, dfma, ffma, use, hits, copies=0, match=0):
    passes = [{"wall.time": wall, "device.time": dev, "device.setup": 310e6, "device.upload": 20e3, "device.download": 5.2e6}]
    if "plain" not in options:
        passes.append({"cupti.kernel_time": kernels, "cupti.copy_time": copies, "cupti.occupancy_limit": use[1]})
        passes.append({"cupti.occupancy": use[0], "cupti.issue_used": use[2], "cupti.fp64_pipe_used": use[3], "cupti.fma_pipe_used": use[4],
                       "cupti.dram_used": use[5], "cupti.dram_bytes": dram, "cupti.sass_dfma": dfma, "cupti.sass_ffma": ffma,
                       "cupti.l1_hit_rate": hits[0], "cupti.l2_hits": hits[1], "cupti.l2_misses": 100 - hits[1]})
    if "apart" in options and kernel == "mandelbrot":
        axes = axes | {"size": "16000"}
    if gpu:
        add(kernel, variant, axes, work, passes, match)
    elif "none" not in options:
        add(kernel, variant, axes, work, [{}], reason="no NVIDIA driver: libcuda.so.1 was not found" + hostile)

m = {"maxiter": "1000", "size": "8000"}
iterations = 1.3e10
work = (iterations, 8 * iterations, 0, 8000 * 8000 * 4)
cpu("mandelbrot", "arrays", m, work, 190e9)
cpu("mandelbrot", "complex", m, work, 61e9)
cpu("mandelbrot", "serial", m, work, 42e9)
cpu("mandelbrot", "blocked", m, work, 40e9)
cpu("mandelbrot", "simd", m, work, 6.1e9)
cpu("mandelbrot", "simd_fma", m, work, 5.2e9, match=1)
cpu("mandelbrot", "openmp", m | {"threads": "16", "schedule": "dynamic"}, work, 3.0e9)
cpu("mandelbrot", "openmp_simd", m | {"threads": "16", "schedule": "dynamic"}, work, 0.45e9)
cpu("mandelbrot", "processes", m | {"procs": "16"}, work, 3.3e9)
flop = 7 * iterations / 2
device("mandelbrot", "cuda", m | {"block": "16x16", "result": "device"}, work, 9.0e6, 8.9e6, 8.85e6, 270e6, flop, 0, (71, 100, 66, 41, 12, 1), (55, 40))
device("mandelbrot", "cuda", m | {"block": "16x16", "result": "host"}, work, 20.0e6, 19.9e6, 8.85e6, 530e6, flop, 0, (71, 100, 66, 41, 12, 1), (55, 40), copies=10.9e6)
device("mandelbrot", "cuda_pixels", m | {"block": "32x4", "pixels": "4", "result": "device"}, work, 4.5e6, 4.4e6, 4.3e6, 260e6, flop, 0, (48, 50, 81, 68, 14, 2), (55, 41))
device("mandelbrot", "cuda_fp32", m | {"block": "16x16", "result": "device"}, work, 3.4e6, 3.2e6, 2.9e6, 262e6, 0, flop, (77, 100, 79, 0, 55, 3), (54, 42), match=1)
for size in (1 << 20, 1 << 24, 1 << 28) if not options else ():
    s = {"size": str(size)}
    work = (size / 24, size / 12, size * 2 / 3, size / 3)
    cpu("triad", "serial", s, work, size / 14.0)
    cpu("triad", "simd", s, work, size / 21.0)
    cpu("triad", "openmp", s | {"threads": "16"}, work, size / 150.0)
    device("triad", "cuda", s | {"block": "256"}, work, size / 2900 + 6e3, size / 2900 + 2e3, size / 2900, size * 1.01, size / 24, 0,
           (88, 100, 14, 3, 1, 91), (0, 33))
for precision, rate in (("fp64", 33.1e3), ("fp32", 65.9e3))[:1 if "small" in options else 2]:
    p = {"precision": precision, "size": "65536"}
    cpu("peak", "openmp", p | {"threads": "16"}, (1e9, 1e12, 0, 0), 1e12 / (rate / 40))
    device("peak", "cuda", p | {"block": "256"}, (1e9, 1e12, 0, 0), 1e12 / rate + 5e3, 1e12 / rate, 1e12 / rate, 1e6, 5e11, 5e11, (90, 100, 99, 98, 98, 0), (0, 0))
for size in (1 << 16, 1 << 28)[:1 if "small" in options else 2]:
    work = (size, 0, size / 2, size / 2)
    cpu("copy", "openmp", {"size": str(size), "threads": "16"}, work, size / (900 if size < 1 << 20 else 180))
    device("copy", "cuda", {"size": str(size)}, work, size / 3020 + 5e3, size / (9000 if size < 1 << 20 else 3020), size / 3020, size, 0, 0,
           (90, 100, 9, 0, 0, 93), (0, 10))

print(json.dumps({"format": "countermark-export", "version": 1}))
facts = {"cpu.model": "Test CPU", "cpu.count": "16", "cache.L1d.bytes": "32768", "memory.bytes": str(1 << 36)}
records = [{"type": "machine", "id": 1, "name": "gpu-box", "class": "", "facts": facts | (gpu_facts if gpu else {})},
           {"type": "environment", "id": 1, "fingerprint": "00ff00ff00ff00ff", "facts": {"kernel.release": "6.1"} | (gpu_environment if gpu else {})},
           {"type": "build", "id": 1, "commit": "", "branch": "", "subject": "", "commit_time": 0, "dirty": False, "compiler": "gcc", "flags": "-O2",
            "binary_hash": "beef", "facts": {}}]
records += list(points.values()) + lines
records += [{"type": "run", "uuid": "u1", "group": "u1", "machine": 1, "environment": 1, "build": 1, "plan": "custom", "arguments": "countermark run",
             "seed": "1", "shard": 1, "shards": 1, "scripted": False, "started": 1795000000, "finished": 1795000100, "status": "complete"}] + launches
for r in records:
    print(json.dumps(r))
print(json.dumps({"records": len(records)}))
E

make_site() { # FOLDER ARGUMENT...: the site about such a run
    local folder=$1
    shift
    rm -f r.db
    python3 data.py "$@" >run.jsonl
    exits 0 "import: $folder" "$COUNTERMARK" db import --db r.db run.jsonl
    exits 0 "report: $folder" "$COUNTERMARK" report --db r.db -o "$folder"
    lacks err "note:" "without a failing plot"
    is "every page and picture is well-formed" "$(python3 -c '
import glob, xml.dom.minidom
for name in glob.glob("'"$folder"'/*.html") + glob.glob("'"$folder"'/*.svg"):
    try:
        xml.dom.minidom.parse(name)
    except Exception as problem:
        print(name, problem)')" ""
}
words() { sed 's/<[^>]*>//g; s/&#39;/'"'"'/g' "$1" >words.txt; } # of a page, into words.txt

command -v gnuplot >/dev/null || skip "gnuplot is missing"
make_site gpu
for plot in roofline gpu_time gpu_once gpu_use gpu_cache ladder; do
    for form in '' -dark -narrow -narrow-dark; do
        ok "there is a plot $plot$form" test -s "gpu/mandelbrot-$plot$form.svg"
    done
done

# The ladder: GPU variants are told apart by words and by hatching, and so is the result on the host.
for text in 'cuda (GPU)' 'cuda (GPU, to host)' '9500× same bits' '55,882× 7 differ' 'openmp_simd ×16'; do
    has gpu/mandelbrot-ladder.svg "$text" "the ladder has: $text"
done
has gpu/mandelbrot-ladder.svg "url(#" "and hatched bars"
words gpu/mandelbrot.html
has words.txt "cuda_fp32 (GPU) is 55,882 times as fast as arrays" "its sentence names the fastest"
has words.txt "With the same bits the best on the GPU, cuda_pixels (GPU), is 100 times as fast as the best on the CPU, openmp_simd ×16." \
    "and compares GPU and CPU among equal results"

# The roofline: 7 * 1.3e10 flop in 3.2 ms are 28.4 TFLOP/s, 43.2 % of 65.9; and so on.
has words.txt "cuda_fp32 (GPU) reaches 28.4 TFLOP/s, 43.2 % of the GPU's ceiling of 65.9 TFLOP/s (fp32)." "single precision has its own ceiling"
has words.txt "cuda_pixels (GPU) reaches 20.7 TFLOP/s, 62.5 % of the GPU's ceiling of 33.1 TFLOP/s (fp64)." "double precision"
has words.txt "openmp_simd ×16 reaches 231 GFLOP/s, 27.9 % of the CPU's ceiling of 828 GFLOP/s (fp64)." "the CPU"
for text in 'GPU variants, counted' 'CPU variants, by the algorithm' 'GPU ceiling, fp64: 33.1 TFLOP/s, 3.02 TB/s' 'CPU ceiling, fp64: 828 GFLOP/s, 180 GB/s'; do
    has gpu/mandelbrot-roofline.svg "$text" "the roofline has: $text"
done
words gpu/triad.html
has words.txt "cuda (GPU) reaches 237 GFLOP/s, 94.9 % of the GPU's ceiling of 3.02 TB/s (copy of 256 MiB)." "the largest copy is the ceiling, not the one in a cache"
lacks words.txt "fits into" "which is far larger than any"
words gpu/copy.html
has words.txt "this kernel has no arithmetic, or moves no bytes." "no roofline without arithmetic, and that is said"

# Where the time goes, how busy, caches.
words gpu/mandelbrot.html
has words.txt "Of the 3.40 ms of cuda_fp32 at maxiter=1000 size=8000, 85.3 % are kernels, 8.8 % gaps between them and 5.9 % the host's. cuda (to host) has the least in kernels, 44.3 %." \
    "where the time goes"
has words.txt "cuda_fp32: 315 ms before and after, as long as 92.7 executions." "what it costs once"
has words.txt "cuda_fp32, the fastest of these, uses most of its issue slots: 79 %. Its occupancy is 77 % of 100 % that fit." "how busy it is"
has gpu/mandelbrot-gpu_use.svg "48 % of 50 %" "occupancy against its limit"
has words.txt "cuda_fp32 moves 81.9 GB/s through the GPU's memory, 2.7 % of the 3.02 TB/s of copy. cuda (to host) finds the least in L2, 40 %." "caches"
has words.txt "device.setup" "states and times stand in a table"

words gpu/machine.html
for text in "NVIDIA H100 80GB HBM3" "50 MiB" "5120 bit wide" "1980 MHz" "memory 2619 MHz" "700 W" "ECC on" "MIG off" "580.65.06"; do
    has words.txt "$text" "the machine page has: $text"
done

make_site plain plain
words plain/mandelbrot.html
has words.txt "How busy the GPU is; Caches and memory of the GPU: this run counted nothing of the kind on the GPU" "without counters that is said"
has words.txt "Of the 3.40 ms of cuda_fp32 the GPU takes 94.1 %; kernels were not traced." "times remain"
has plain/mandelbrot-roofline.svg "GPU variants, by the algorithm" "the roofline falls back to the algorithm's work"

make_site small small
words small/mandelbrot.html
has words.txt "The copy of 64 KiB fits into the GPU's caches: the slope is theirs, not the memory's." "a copy in the cache is no ceiling of the memory"
lacks words.txt "cuda_fp32 (GPU) reaches" "what has no ceiling of its precision is compared with none"
has words.txt "cuda_pixels (GPU) reaches 20.7 TFLOP/s" "the others are"

# What is measured at another size than the CPU's variants is no curve with them, and has its place on the roofline.
make_site apart apart
words apart/mandelbrot.html
has words.txt "cuda_fp32 (GPU) reaches 28.4 TFLOP/s" "the roofline has GPU variants that the ladder has not"
not_ok "two sizes in different variants are no sweep" test -e apart/mandelbrot-sweep.svg
make_site nogpu-apart nogpu apart
not_ok "nor is a size at which nothing could run" test -e nogpu-apart/mandelbrot-sweep.svg

make_site nogpu nogpu
words nogpu/mandelbrot.html
has words.txt "no NVIDIA driver: libcuda.so.1 was not found" "variants that cannot run are named with the reason"
has words.txt "cuda cuda_fp32 cuda_pixels" "once"
make_site none none
for page in nogpu/mandelbrot none/mandelbrot; do
    for title in "Where the time of GPU" "What a GPU costs" "How busy the GPU" "Caches and memory of the GPU" "On the GPU"; do
        lacks $page.html "$title" "$page: not a word of: $title"
    done
done
lacks none/mandelbrot.html "cannot run here" "nor of variants that are not there"
lacks none/machine.html "<h3>GPU" "nor of GPUs on the machine page"
has none/mandelbrot.html "openmp_simd ×16 is 422 times as fast as arrays" "the ladder's sentence is as ever"
lacks none/mandelbrot.html "the best on the GPU" "without a GPU in it"

make_site hostile hostile
lacks hostile/machine.html "<b>&" "names of GPUs stay texts"
has hostile/machine.html "&lt;b&gt;&amp;&#39;&quot;\`" "and are there"
not_ok "nothing was run" test -e pwned
done_testing
