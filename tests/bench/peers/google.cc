// The loop of truth/instructions as a benchmark of Google Benchmark's: the same machine code, linked from the same object.
#include "variants/variant.h"

#include <benchmark/benchmark.h>

extern "C" const struct variant variant_truth_instructions;

static void instructions(benchmark::State &state)
{
    struct value n = {"n", "", state.range(0)};
    uint64_t result = 0;
    struct run r = {};

    r.values = &n;
    r.value_count = 1;
    r.output = &result;
    r.output_bytes = sizeof result;
    r.cpus = 1;
    for (auto _ : state)
        variant_truth_instructions.run(&r);
    if (result != static_cast<uint64_t>(state.range(0)))
        state.SkipWithError("the loop was not done");
}
BENCHMARK(instructions)->Arg(65536)->UseRealTime();

BENCHMARK_MAIN();
