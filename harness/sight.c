/* Words about how small a change can be seen. See sight.h. */
#include "sight.h"
#include "base/text.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sight_add(struct sight *s, double share)
{
    VEC_ROOM(s->values, s->count, s->capacity);
    s->values[s->count++] = share;
}

void sight_free(struct sight *s)
{
    free(s->values);
    s->values = NULL;
    s->count = s->capacity = s->estimated = 0;
}

/* The value that `part` of the points do not exceed: one of them, for between a share and infinity there is nothing. */
static double quantile(const struct sight *s, double part)
{
    double *x, value;
    size_t at;

    if (!s->count)
        return NAN;
    x = mem_new(s->count, sizeof *x);
    memcpy(x, s->values, s->count * sizeof *x);
    stats_sort(x, s->count);
    at = (size_t)ceil(part * (double)s->count - 1e-9);
    value = x[at ? at - 1 : 0];
    free(x);
    return value;
}

double sight_half(const struct sight *s)
{
    return quantile(s, 0.5);
}

double sight_nine_of_ten(const struct sight *s)
{
    return quantile(s, 0.9);
}

const char *sight_share_words(double share, char *out, size_t size)
{
    if (isnan(share))
        snprintf(out, size, "an unknown change");
    else if (share > 1)
        snprintf(out, size, "only more than a factor of 2");
    else
        text_percent(share, out, size);
    return out;
}

static void add_metric(struct buf *b, const struct sight *s)
{
    char half[40], most[40];

    sight_share_words(sight_half(s), half, sizeof half);
    sight_share_words(sight_nine_of_ten(s), most, sizeof most);
    buf_addf(b, "%s in %s", half, s->words);
    if (strcmp(half, most))
        buf_addf(b, " (half of the points; %s in nine of ten)", most);
}

char *sight_sentence(const struct sight *list, size_t count)
{
    struct buf b = {0};
    size_t told = 0, all = 0;

    for (size_t i = 0; i < count; i++)
        all += list[i].count > 0;
    if (!all)
        return NULL;
    buf_add(&b, "this gate sees ");
    for (size_t i = 0; i < count; i++) {
        if (!list[i].count)
            continue;
        buf_add(&b, !told ? "" : told + 1 < all ? ", " : " and ");
        add_metric(&b, &list[i]);
        told++;
    }
    buf_add(&b, " on this machine");
    return buf_take(&b);
}
