/* The axes of a set of points, as codes: what region.c and region_knee.c look at instead of texts. Private to them. */
#ifndef REPORTS_ANALYSIS_REGION_AXES_H
#define REPORTS_ANALYSIS_REGION_AXES_H

#include "region.h"

struct region_axis {
    char *name;
    char **values; /* as written, by number where all are numbers, else by text; "" where a point lacks the axis */
    double *numbers;
    size_t count, capacity;
    bool numeric;
};

struct region_axes {
    struct region_axis *axes;
    size_t count, capacity;
    size_t *codes; /* of point p and axis a: codes[p * count + a], an index into its values */
    size_t points;
};

void region_axes_read(struct region_axes *r, const struct region_point *points, size_t count);
void region_axes_free(struct region_axes *r);

#endif
