/* A small picture within a line of text: a series from its first to its newest value. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 48, WIDTH = 120, HEIGHT = 26, EDGE = 3 };

/* Medians of equal parts, so that a single odd value neither hides the others nor is lost where there are few. */
static size_t thin(const double *value, size_t count, double out[COLUMNS])
{
    size_t columns = count < COLUMNS ? count : COLUMNS;

    for (size_t i = 0; i < columns; i++) {
        size_t from = i * count / columns, to = (i + 1) * count / columns;

        out[i] = stats_median(value + from, to - from);
    }
    return columns;
}

/* The range that is shown: never less than 2 % of the value, so that noise does not look like mountains. */
static void range(const double *value, size_t count, double *least, double *most)
{
    double middle = stats_median(value, count), room;

    *least = stats_quantile(value, count, 0.02);
    *most = stats_quantile(value, count, 0.98);
    room = fmax(0.02 * fabs(middle) - (*most - *least), 0) / 2;
    *least -= room;
    *most += room;
    if (*most <= *least)
        *most = *least + 1;
}

char *history_spark(const double *value, size_t count)
{
    struct buf b = {0};
    double thinned[COLUMNS], least, most, x = 0, y = 0;
    size_t columns;

    if (!count)
        return NULL;
    columns = thin(value, count, thinned);
    range(thinned, columns, &least, &most);
    buf_addf(&b, "<svg class=\"spark\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" aria-hidden=\"true\">", WIDTH,
             HEIGHT, WIDTH, HEIGHT);
    buf_add(&b, "<polyline points=\"");
    for (size_t i = 0; i < columns; i++) {
        double share = fmin(fmax((thinned[i] - least) / (most - least), 0), 1);

        x = EDGE + (WIDTH - 2.0 * EDGE) * (columns > 1 ? (double)i / (double)(columns - 1) : 1);
        y = HEIGHT - EDGE - share * (HEIGHT - 2.0 * EDGE);
        buf_addf(&b, "%s%.1f,%.1f", i ? " " : "", x, y);
    }
    buf_addf(&b, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/></svg>", x, y);
    return buf_take(&b);
}
