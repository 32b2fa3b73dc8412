/* The value axis of a series' picture, and the levels that are drawn. */
#ifndef REPORTS_REPORT_HISTORY_AXIS_H
#define REPORTS_REPORT_HISTORY_AXIS_H

#include "report_history.h"

struct history_axis {
    double unit; /* values are shown divided by it */
    const char *label;
    double least, most; /* in units of the series */
    int digits;         /* behind the point */
};

/* A level, or the way of a creep, from the run `first` to the run `last`. */
struct history_level {
    size_t first, last;
    double from, to; /* the same but for a creep */
    bool pending;
};

/* The range holds the levels and the noise around them; single values far from all that are left outside. */
void history_axis(const struct history_series *s, struct history_axis *axis);
/* free() the list. */
size_t history_levels(const struct history_series *s, struct history_level **list);

#endif
