/*
 * What ran on the device in a region, by activity records: kernels, their registers and shared memory, copies.
 * Only in builds with CUPTI's headers; cupti_occupancy and cupti_activity_metrics everywhere.
 */
#ifndef COLLECTORS_CUPTI_ACTIVITY_H
#define COLLECTORS_CUPTI_ACTIVITY_H

#include "collector.h"
#include "cuda_driver.h"

/*
 * The metrics of the pass "cupti:activity", ended by a NULL name:
 *   cupti.kernel_time        ns, duration   all kernels of the region, summed
 *   cupti.kernels            1, count       kernels that ran
 *   cupti.kernel_gap         ns             between the first kernel's start and the last one's end, no kernel running
 *   cupti.copy_time          ns             memory copies, summed      cupti.set_time: memory sets
 *   cupti.copied_to_device, cupti.copied_to_host   bytes
 *   cupti.registers          registers/thread, gauge   the most of any kernel; so
 *   cupti.shared_memory      bytes/block    static and dynamic, as it was executed
 *   cupti.local_memory       bytes/thread   spills and arrays
 *   cupti.block_threads, cupti.grid_blocks  of the longest kernel
 *   cupti.occupancy_limit    %              theoretical: warps that fit an SM, of those it can hold (the longest kernel)
 *   cupti.dropped            1, count       records that CUPTI lost; any makes the others suspect
 *   cupti.overhead_time      ns             what driver and CUPTI say they spent on themselves
 *   cupti.traced_time        ns             the region while traced: for the overhead
 */
extern const struct metric cupti_activity_metrics[];

/* Warps per SM that registers, shared memory and blocks leave, of the most there can be, 0..100; NaN if a limit is not known.
 * Source: the CUDA programming guide's rules of allocation (see the file's head). */
double cupti_occupancy(const struct cuda_device *d, int registers, int64_t shared_bytes, int block_threads);

/* Tracing needs no permission, only driver and library. One at a time in a process; NULL with the reason. A failure of
 * start or stop comes as the reason of every reading. */
struct cupti_activity;
struct cupti_activity *cupti_activity_open(struct err *e);
int cupti_activity_start(struct cupti_activity *a);
int cupti_activity_stop(struct cupti_activity *a);
size_t cupti_activity_read(struct cupti_activity *a, struct reading *out, size_t capacity);
void cupti_activity_close(struct cupti_activity *a);
/* Why the last region was not traced, or "". */
const char *cupti_activity_reason(const struct cupti_activity *a);
/* The cure of the last failed open alone, or "". */
const char *cupti_activity_cure(void);

#endif
