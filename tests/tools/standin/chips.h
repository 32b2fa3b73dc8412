/*
 * Part of the stand-in for the driver: the chips that it can be. Numbers as the boards' data sheets have them.
 */
#ifndef TESTS_TOOLS_STANDIN_CHIPS_H
#define TESTS_TOOLS_STANDIN_CHIPS_H

#include "standin.h"

static const struct standin_chip standin_chips[] = {
    /* name, board, capability, SMs, shared KiB, blocks and threads an SM, L2 KiB, GiB, MHz, memory MHz, bus bits */
    {"GH100", "NVIDIA H100 80GB HBM3", 9, 0, 132, 228, 32, 2048, 51200, 80, 1980, 2619, 5120},
    {"GP100", "Tesla P100-SXM2-16GB", 6, 0, 56, 64, 32, 2048, 4096, 16, 1480, 715, 4096},
    {"GV100", "Tesla V100-SXM2-32GB", 7, 0, 80, 96, 32, 2048, 6144, 32, 1530, 877, 4096},
    {"TU102", "NVIDIA TITAN RTX", 7, 5, 72, 64, 16, 1024, 6144, 24, 2100, 7001, 384},
    {"GA100", "NVIDIA A100-SXM4-80GB", 8, 0, 108, 164, 32, 2048, 40960, 80, 1410, 1593, 5120},
    {"GA102", "NVIDIA A40", 8, 6, 84, 100, 16, 1536, 6144, 48, 1740, 7251, 384},
    {"AD102", "NVIDIA L40S", 8, 9, 142, 100, 24, 1536, 98304, 48, 2520, 9001, 384},
    {"GB100", "NVIDIA B200", 10, 0, 148, 228, 32, 2048, 129024, 180, 1965, 3996, 8192},
    {"GB202", "NVIDIA RTX PRO 6000", 12, 0, 188, 100, 24, 1536, 131072, 96, 2430, 14001, 512},
    {"GB10B", "NVIDIA Thor", 11, 0, 20, 228, 24, 1536, 32768, 128, 1575, 4266, 256},
};

#endif
