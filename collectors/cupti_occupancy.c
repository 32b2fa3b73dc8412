/*
 * Theoretical occupancy: how many warps of a kernel fit an SM at a time, by the rules of NVIDIA's programming guide ("Compute
 * Capabilities" and "Hardware Multithreading").
 *
 * Resources are given out in units. Registers go to warps, 256 at a time, from the four equal parts of an SM, so what is left over in
 * a part serves nobody. Shared memory goes to blocks, 256 bytes at a time up to compute capability 7, 128 from 8 on, with what the
 * driver keeps for itself in each block on top.
 */
#include "cupti_activity.h"

#include <math.h>

enum { WARP = 32, REGISTER_UNIT = 256, PARTS = 4 };

static int64_t up(int64_t value, int64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

double cupti_occupancy(const struct cuda_device *d, int registers, int64_t shared_bytes, int block_threads)
{
    int64_t warps_per_sm, warps, blocks, shared;

    if (!d->threads_per_sm || !d->registers_per_sm || !d->blocks_per_sm || !d->shared_per_sm || !d->major ||
        block_threads <= 0 || registers < 0 || shared_bytes < 0)
        return (double)NAN;
    warps_per_sm = d->threads_per_sm / WARP;
    warps = up(block_threads, WARP) / WARP;
    blocks = least(warps_per_sm / warps, d->blocks_per_sm);
    if (registers) {
        int64_t per_warp = up((int64_t)registers * WARP, REGISTER_UNIT);

        blocks = least(blocks, d->registers_per_sm / PARTS / per_warp * PARTS / warps);
    }
    shared = up(shared_bytes + d->shared_reserved_per_block, d->major < 8 ? 256 : 128);
    if (shared)
        blocks = least(blocks, d->shared_per_sm / shared);
    return 100.0 * (double)(blocks * warps) / (double)warps_per_sm;
}
