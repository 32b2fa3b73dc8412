/* Findings in words: which variants, where in the sweep, by how much; and a name for files. */
#include "findings_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"
#include "analysis/region.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLUG_NAME = 48 };

const struct findings_series *findings_series_of(const struct findings *f, const char *point, const char *metric)
{
    size_t low = 0, high = f->series;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(f->all[middle].point, point);

        order = order ? order : strcmp(f->all[middle].metric, metric);
        if (order == 0)
            return &f->all[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each once, by name: a finding's slug holds them. */
static char *variants_of(const struct findings *f, const struct finding *one)
{
    const char **names = mem_new(one->series_count + 1, sizeof *names);
    struct buf b = {0};
    size_t count = 0;

    for (size_t i = 0; i < one->series_count; i++) {
        const struct findings_series *s = findings_series_of(f, one->series[i].point, one->series[i].metric);

        if (s)
            names[count++] = s->variant;
    }
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            buf_addf(&b, "%s%s", b.length ? ", " : "", names[i]);
    free(names);
    return b.length ? buf_take(&b) : mem_copy("");
}

static bool has_point(const struct finding *one, const char *point)
{
    for (size_t i = 0; i < one->series_count; i++)
        if (!strcmp(one->series[i].point, point))
            return true;
    return false;
}

/* The points of the finding's variants that were measured around its place, by the metric that leads it. */
static struct region_point *points_of(const struct findings *f, const struct finding *one, size_t *count)
{
    struct region_point *points = mem_new(f->series + 1, sizeof *points);
    const char *metric = one->series[0].metric;
    double effect = fabs(log(one->series[0].change.ratio));

    *count = 0;
    for (size_t i = 0; i < f->series; i++) {
        const struct findings_series *s = &f->all[i];
        bool changed;

        if (strcmp(s->kernel, one->kernel) != 0 || !has_word(one->variants, s->variant) || s->count == 0 ||
            s->levels[0].run > one->before || s->levels[s->count - 1].last < one->run)
            continue;
        changed = has_point(one, s->point);
        if (strcmp(s->metric, metric) != 0 && (!changed || findings_series_of(f, s->point, metric)))
            continue;
        points[(*count)++] = (struct region_point){
            .text = s->point,
            .before = findings_level_at(s, one->before),
            .after = findings_level_at(s, one->last),
            .changed = changed,
            .blind = !changed && s->noise > effect / 2,
        };
    }
    return points;
}

static char *region_of(const struct findings *f, const struct finding *one)
{
    size_t count;
    struct region_point *points = points_of(f, one, &count);
    char *where = region_words(points, count);
    char *knee = one->kind == CHANGE_STEP || one->kind == CHANGE_CREEP ? region_knee_words(points, count) : NULL;
    char *both = knee ? mem_format("%s%s%s", where, *where ? "; " : "", knee) : mem_copy(where);

    free(where);
    free(knee);
    free(points);
    return both;
}

/* "+4.1 %", "x12" */
static const char *change_words(double ratio, bool unit, char *out, size_t size)
{
    double percent = 100 * (ratio - 1);

    if (isnan(ratio) || isinf(ratio))
        snprintf(out, size, "%s", isnan(ratio) ? "unknown" : "from zero");
    else if (ratio >= 10)
        snprintf(out, size, "x%.3g", ratio);
    else
        snprintf(out, size, "%+.*f%s", fabs(percent) < 0.1 ? 3 : fabs(percent) < 1 ? 2 : 1, percent, unit ? " %" : "");
    return out;
}

/* One metric of the finding: its middle change, and what it ranges over. */
struct tally {
    double *ratios, low, high;
    size_t count;
    enum change_kind kind;
    const struct change *first;
};

static struct tally tally_of(const struct finding *one, const char *metric)
{
    struct tally t = {.ratios = mem_new(one->series_count, sizeof *t.ratios), .low = INFINITY, .high = -INFINITY};

    for (size_t i = 0; i < one->series_count; i++) {
        const struct change *c = &one->series[i].change;

        if (strcmp(one->series[i].metric, metric) != 0 || (t.first && c->kind != t.kind))
            continue;
        t.first = t.first ? t.first : c;
        t.kind = t.first->kind;
        t.ratios[t.count++] = c->ratio;
        t.low = fmin(t.low, c->ratio);
        t.high = fmax(t.high, c->ratio);
    }
    if (t.count == 1) {
        t.low = t.first->low;
        t.high = t.first->high;
    }
    return t;
}

/* How many times as much the metric's values vary as before, in the middle of the series that show it; NaN: none does. */
static double spread_of(const struct finding *one, const char *metric)
{
    double *times = mem_new(one->series_count + 1, sizeof *times), middle;
    size_t count = 0;

    for (size_t i = 0; i < one->series_count; i++)
        if (one->series[i].change.kind == CHANGE_SPREAD && !strcmp(one->series[i].metric, metric))
            times[count++] = one->series[i].change.after / one->series[i].change.before;
    middle = count ? stats_median(times, count) : NAN;
    free(times);
    return middle;
}

/* "time +4.1 % (3.9 to 4.3, 12 points)"; of one point its interval of 95 %, of several what they range over. */
static void add_metric(struct buf *b, const struct finding *one, const char *metric)
{
    struct tally t = tally_of(one, metric);
    char middle[32], low[32], high[32];
    const char *name = metric_words(metric);

    buf_addf(b, "%s%s ", b->length ? ", " : "", name);
    change_words(stats_median(t.ratios, t.count), true, middle, sizeof middle);
    change_words(t.low, false, low, sizeof low);
    change_words(t.high, false, high, sizeof high);
    if (t.kind == CHANGE_SPREAD)
        buf_addf(b, "varies x%.2g", spread_of(one, metric));
    else if (t.kind == CHANGE_MODES)
        buf_addf(b, "falls into two groups, %.0f %% in the higher one (%.0f %% before)", 100 * t.first->after,
                 100 * t.first->before);
    else
        buf_addf(b, "%s%s", t.kind == CHANGE_CREEP ? "crept " : "", middle);
    if (t.kind != CHANGE_SPREAD && t.kind != CHANGE_MODES && strcmp(low, high) != 0 && !isnan(t.low))
        buf_addf(b, " (%s to %s%s", low, high, t.count > 1 ? "" : ")");
    else if (t.count > 1)
        buf_add(b, " (");
    if (t.count > 1)
        buf_addf(b, "%s%zu points)", b->text[b->length - 1] == '(' ? "" : ", ", t.count);
    if (t.kind != CHANGE_SPREAD && isfinite(spread_of(one, metric)))
        buf_addf(b, " and varies x%.2g", spread_of(one, metric));
    free(t.ratios);
}

static bool is_told(const struct buf *told, const char *name)
{
    return has_word(buf_text(told), name);
}

static void note_told(struct buf *told, const char *name)
{
    buf_addf(told, "%s%s", told->length ? ", " : "", name);
}

/* Gating metrics that were measured for these points and did not move: "instructions unchanged". */
static void add_unchanged(struct buf *b, const struct findings *f, const struct finding *one, struct buf *told)
{
    for (size_t i = 0; i < f->series; i++) {
        const struct findings_series *s = &f->all[i];
        const char *name = metric_words(s->metric);

        if (strcmp(s->kernel, one->kernel) != 0 || is_told(told, name) || !text_glob(METRICS_GATING, s->metric) ||
            !has_point(one, s->point) || !(findings_level_at(s, one->before) == findings_level_at(s, one->last)))
            continue;
        buf_addf(b, ", %s unchanged", name);
        note_told(told, name);
    }
}

static char *summary_of(const struct findings *f, const struct finding *one)
{
    struct buf b = {0}, told = {0};
    char *text;

    for (size_t i = 0; i < one->series_count; i++) {
        const char *name = metric_words(one->series[i].metric);

        if (is_told(&told, name))
            continue;
        add_metric(&b, one, one->series[i].metric);
        note_told(&told, name);
    }
    add_unchanged(&b, f, one, &told);
    text = mem_format("%s/%s: %s", one->kernel, one->variants, buf_text(&b));
    buf_free(&b);
    buf_free(&told);
    return text;
}

/* Letters, digits, dots and dashes alone: it names files and anchors. */
static void add_slug(struct buf *b, const char *text)
{
    size_t from = b->length;

    buf_add(b, b->length ? "-" : "");
    for (const char *c = text; *c && b->length < from + SLUG_NAME; c++) {
        bool fine = isalnum((unsigned char)*c) || *c == '.' || *c == '_';

        if (fine)
            buf_add_n(b, c, 1);
        else if (b->text[b->length - 1] != '-')
            buf_add(b, "-");
    }
}

static bool slug_is_taken(const struct findings *f, const struct finding *but, const char *slug)
{
    for (size_t i = 0; i < f->count && &f->items[i] != but; i++)
        if (f->items[i].slug && !strcmp(f->items[i].slug, slug))
            return true;
    return false;
}

static char *slug_of(const struct findings *f, const struct finding *one)
{
    const struct series_run *run = &f->home.runs[one->run];
    struct buf b = {0};
    size_t length;

    if (run->commit[0])
        buf_addf(&b, "%.7s", run->commit);
    else
        buf_addf(&b, "t%" PRId64, run->started);
    add_slug(&b, one->kernel);
    add_slug(&b, one->variants);
    add_slug(&b, one->since ? "since" : change_kind_name(one->kind));
    if (!one->worse)
        buf_add(&b, "-better");
    length = b.length;
    for (int i = 2; slug_is_taken(f, one, buf_text(&b)); i++) {
        b.length = length;
        buf_addf(&b, "-%d", i);
    }
    return buf_take(&b);
}

void findings_words(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->items[i];

        one->variants = variants_of(f, one);
        one->region = region_of(f, one);
        one->summary = summary_of(f, one);
        one->slug = slug_of(f, one);
    }
}

char *finding_globs(const struct finding *f)
{
    struct buf globs = {0};
    char *copy = mem_copy(f->variants ? f->variants : ""), *rest = NULL;

    if (f->series_count == 1)
        buf_add(&globs, f->series[0].point);
    for (char *v = strtok_r(copy, ", ", &rest); v && f->series_count > 1; v = strtok_r(NULL, ", ", &rest))
        buf_addf(&globs, "%s%s/%s%s", globs.length ? "," : "", f->kernel, v,
                 strchr(f->series[0].point, ':') ? ":*" : "");
    free(copy);
    return globs.length ? buf_take(&globs) : mem_copy("*");
}
