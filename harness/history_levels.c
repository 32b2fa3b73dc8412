/* The levels of one point's series, as a small table: from when to when, where it stood, and what the step was. */
#include "history.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *run_words(const struct series_run *run, char *out, size_t size)
{
    return text_run(run->commit, run->dirty ? "+" : "", run->id, out, size);
}

static void write_day(struct buf *out, const struct series_run *run)
{
    char text[32];

    clock_iso8601(run->commit_time ? run->commit_time : run->started, text);
    buf_addf(out, "  %.10s", text);
}

/* "+4.1 %" against the level before, behind a creep the one before that; a creep's way and another version have
 * words instead. */
static void write_step(const struct findings_series *s, size_t level, struct buf *out)
{
    const struct findings_level *now = &s->levels[level], *before = level > 0 ? now - 1 : NULL;
    double ratio;

    if (before && before->creeping && level > 1 && !before->another)
        before--;
    ratio = before ? now->median / before->median : NAN;
    if (now->another)
        buf_add(out, "  another version");
    else if (now->creeping)
        buf_add(out, "  creeping");
    else if (before && isfinite(ratio))
        buf_addf(out, ratio < 10 ? "  %+.2f %%" : "  x%.3g", ratio < 10 ? 100 * (ratio - 1) : ratio);
}

static void write_level(const struct findings *f, const struct findings_series *s, size_t level, struct buf *out)
{
    const struct findings_level *l = &s->levels[level];
    char from[32], to[32], value[40], low[40], high[40], range[90];

    run_words(&f->home.runs[l->run], from, sizeof from);
    run_words(&f->home.runs[l->last], to, sizeof to);
    buf_addf(out, "  %-9s", from);
    write_day(out, &f->home.runs[l->run]);
    buf_addf(out, "  %-9s", to);
    write_day(out, &f->home.runs[l->last]);
    text_quantity(l->median, s->unit, value, sizeof value);
    text_quantity(l->low, s->unit, low, sizeof low);
    text_quantity(l->high, s->unit, high, sizeof high);
    snprintf(range, sizeof range, "%s..%s", low, high);
    buf_addf(out, "  %4zu  %12s  %-24s", l->count, value, range);
    write_step(s, level, out);
    while (out->length > 0 && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    buf_add(out, "\n");
}

void history_write_levels(const struct findings *f, struct buf *out)
{
    buf_addf(out, "\n%s\n", f->all[0].point);
    for (size_t i = 0; i < f->series; i++) {
        const struct findings_series *s = &f->all[i];
        const char *words = metric_words(s->metric);
        char noise[32];

        if (words != s->metric)
            buf_addf(out, "%s, ", words);
        buf_addf(out, "%s: %zu level%s", s->metric, s->count, s->count == 1 ? "" : "s");
        if (s->noise > 0)
            buf_addf(out, ", noise %s", text_percent(s->noise, noise, sizeof noise));
        buf_add(out, "\n  from       since       to         until       runs        median  range"
                     "                     change\n");
        for (size_t l = 0; l < s->count; l++)
            write_level(f, s, l, out);
    }
}
