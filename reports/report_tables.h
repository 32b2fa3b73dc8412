/*
 * The tables that a report's SQL finds beside the views: temporary ones of the connection, made once per run and kernel when a query
 * first names them. As common table expressions in front of every query they would be planned and computed again by each, many times
 * over where they build on each other. ?1 is the run, ?2 the kernel ('' for all). Times and counts are per execution unless the name
 * says otherwise.
 *
 *   runs(run)             the run and the other shards of its plan on the same machine
 *   own_launches          the rows of `launch` that are theirs, a gate's interleaved re-runs left out
 *   points                point_id, point, kernel, variant, launches, done, failed, unavailable, match, deviations, elements,
 *                         flops, bytes, reason: one row per point
 *   shared_axes(kernel, axis)       axes that every measured point of the kernel has: they say what is computed, the others say how
 *   sweep(kernel, axis, least, most) the numeric shared axis with the most values, two of them in one variant: the x axis of curves
 *   places                point_id, setting (the shared axes: "iterations=1000 size=500"), own (the variant's own axes: "chunk=16 dynamic", words
 *                         without their axis), workers
 *                         (threads or procs, 0 without), result (of the axis of that name: where a GPU leaves it), x (value of the sweep axis), rest (shared axes that vary, without x)
 *   measured              point_id, metric, value, low, high, n, unit, quality: medians over launches
 *   timed                 places and points with time (ns, per execution), low, high, n and per_element (ns), device (1: it computes
 *                         on a GPU), to_host (1: and brings the result back in that time), name (the variant; both are said)
 *   best                  of timed, the fastest way per kernel, name and setting
 *   headline(kernel, setting)       the setting that most variants ran at; the tutorial's own problem first
 *   rung                  of best, at the headline setting: label (variant with its workers), place (0 is the slowest), speedup
 *                         over the slowest, class (same bits, N differ, not verified)
 *   curve                 of best, where there is a sweep: series (variant and rest), x, per_element and the rest of timed
 *   frame(axis, least, most, steps, in_bytes, l1, l2, l3, least_text, most_text)  one row for the x axis of curves: its name and range, how many values,
 *                         whether it is a footprint in bytes, and the machine's cache sizes
 *   shown(setting)        the headline setting in words: "size=64 MiB"
 *   counted               counters at the rungs: label, place, metric, value, per_element, quality
 *   simulated             figures of a simulator where most variants of the kernel have them: label, metric, per_element, setting, time
 *   scaled                of timed, at the headline setting, what has workers: series (variant and its other own axes), gain (times
 *                         as fast as with one worker), steps (how many numbers of workers), quickest (best time of the series)
 *   balance(label, share) percent of the busiest thread's instructions that the idlest completed, at the headline setting
 *   gpu_rung              of best, what computes on a GPU, at the setting that most of those ran at, the largest of them: label, place
 *   gpu                   at those: label, place, setting, wall (ns), point_id, metric, value, quality; device, cupti and nvml metrics
 *   gpu_split             at those, one row each: label, place, setting, wall, and of it busy (device.time), kernels (NULL if not traced), copies
 *   ceilings              measured on this machine by the kernels peak and copy, in its newest run that has them: place (GPU, CPU), what
 *                         (fp64, fp32: GFLOP/s; bandwidth: GB/s, at the largest size), rate, point, bytes, cached (1: a copy that fits into
 *                         caches, as far as their sizes are known)
 *   gpu_memory            at gpu_rung: label, place, rate (GB/s of the GPU's memory), share (percent), whole (of what, in words)
 *   gpu_uncounted(reason)           one row where there are GPU variants: why nothing was counted; none elsewhere
 *   flown                 rungs with arithmetic and bytes: label, device, place (GPU, CPU), counted (1: by counters; 0: what the algorithm
 *                         needs), precision, x (flop per byte), y (GFLOP/s), peak, bandwidth (its ceilings or NULL), roof (the lower one
 *                         at x, NULL if one is not known), copied (bytes behind the bandwidth), cached
 *   roofs                 the ceilings that those are under: place, precision, peak, bandwidth, ridge (flop per byte where they meet)
 *   roof_frame            one row: x_least, x_most, y_least, y_most of all that
 *   absent(metric, reason)          what could not be counted and why
 *   uncounted(reason)     one row: why there are no counters at all
 */
#ifndef REPORTS_REPORT_TABLES_H
#define REPORTS_REPORT_TABLES_H

#include "../db/store.h"

struct report_table {
    const char *name;
    const char *key; /* columns by which others look its rows up, or NULL */
    const char *sql; /* may name the tables before it */
};

extern const struct report_table
    report_tables_gpu[]; /* those about GPUs and ceilings, behind the others; ends with a NULL name */

/* Makes the tables that `sql` names, for the queries that follow; what is there for this run and kernel already costs nothing. */
int report_tables(struct store *s, const char *sql, const char *const parameters[2], struct err *e);

#endif
