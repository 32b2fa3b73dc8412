/*
 * Hardware counters of a region by the range profiler, with a user range and user replay: the harness runs the region again where
 * one run cannot count all. Only in builds with CUPTI's headers.
 */
#ifndef COLLECTORS_CUPTI_RANGE_H
#define COLLECTORS_CUPTI_RANGE_H

#include "collector.h"

struct cupti_range;

/* `events` is the text behind "cupti:". Opens the context of the device that the subject uses. */
struct cupti_range *cupti_range_open(const char *events, struct err *e);
int cupti_range_start(struct cupti_range *r);
int cupti_range_stop(struct cupti_range *r);
int cupti_range_rounds(struct cupti_range *r);
/* A value that is not a number comes as unavailable with its reason, never as 0. An error of start or stop comes as the reason of
 * every reading. cupti.counted_time is the region's time while counted: for the overhead, never for a rate. */
size_t cupti_range_read(struct cupti_range *r, struct reading *out, size_t capacity);
/* Why the last region was not counted, whole, or "". */
const char *cupti_range_problem(const struct cupti_range *r);
/* True if that was not for a call that failed, but because CUPTI saw no work in the region. */
bool cupti_range_was_empty(const struct cupti_range *r);
void cupti_range_close(struct cupti_range *r);

#endif
