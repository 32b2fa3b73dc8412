/*
 * The loop of truth/instructions, executed so many times by a process of its own: what tools that measure whole programs are
 * given. `loop EXECUTIONS ROUNDS`; fails if the loop was not done.
 */
#include "variants/variant.h"

extern const struct variant variant_truth_instructions;

int main(int argc, char **argv)
{
    struct value n = {"n", argc > 2 ? argv[2] : "", argc > 2 ? strtoll(argv[2], NULL, 10) : 0};
    uint64_t result = 0;
    struct run r = {.values = &n, .value_count = 1, .output = &result, .output_bytes = sizeof result, .cpus = 1};

    for (long i = argc > 1 ? strtol(argv[1], NULL, 10) : 0; i > 0; i--)
        if (variant_truth_instructions.run(&r))
            return 1;
    return n.number <= 0 || result != (uint64_t)n.number;
}
