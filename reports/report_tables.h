/*
 * The tables that a report's SQL finds beside the views: common table expressions put in front of every query. ?1 is the run,
 * ?2 the kernel ('' for all). Times and counts are per execution unless the name says otherwise.
 *
 *   runs(run)             the run and the other shards of its plan on the same machine
 *   own_launches          the rows of `launch` that are theirs, a gate's interleaved re-runs left out
 *   points                point_id, point, kernel, variant, launches, done, failed, unavailable, match, deviations, elements,
 *                         flops, bytes, reason: one row per point
 *   shared_axes(kernel, axis)       axes that every point of the kernel has: they say what is computed, the others say how
 *   sweep(kernel, axis, least, most) the numeric shared axis with the most values: the x axis of curves
 *   places                point_id, setting (the shared axes: "iterations=1000 size=500"), own (the variant's own axes: "chunk=16 dynamic", words
 *                         without their axis), workers
 *                         (threads or procs, 0 without), x (value of the sweep axis), rest (shared axes that vary, without x)
 *   measured              point_id, metric, value, low, high, n, unit, quality: medians over launches
 *   timed                 places and points with time (ns, per execution), low, high, n and per_element (ns)
 *   best                  of timed, the fastest way per kernel, variant and setting
 *   headline(kernel, setting)       the setting that most variants ran at; the tutorial's own problem first
 *   rung                  of best, at the headline setting: label (variant with its workers), place (0 is the slowest), speedup
 *                         over the slowest, class (same bits, N differ, not verified)
 *   curve                 of best, where there is a sweep: series (variant and rest), x, per_element and the rest of timed
 *   frame(axis, least, most, steps, in_bytes, l1, l2, l3, least_text, most_text)  one row for the x axis of curves: its name and range, how many values,
 *                         whether it is a footprint in bytes, and the machine's cache sizes
 *   shown(setting)        the headline setting in words: "size=64 MiB"
 *   counted               counters at the rungs: label, place, metric, value, per_element, quality
 *   scaled                of timed, at the headline setting, what has workers: series (variant and its other own axes), gain (times
 *                         as fast as with one worker), steps (how many numbers of workers), quickest (best time of the series)
 *   balance(label, share) percent of the busiest thread's instructions that the idlest completed, at the headline setting
 *   absent(metric, reason)          what could not be counted and why
 *   uncounted(reason)     one row: why there are no counters at all
 */
#ifndef REPORTS_REPORT_TABLES_H
#define REPORTS_REPORT_TABLES_H

/* The query with the tables in front; free(). */
char *report_tables_query(const char *sql);

#endif
