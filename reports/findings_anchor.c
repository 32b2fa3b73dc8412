/*
 * Was it the machine? Anchors are the same work by the same kept program in every run. Where one of them stepped at
 * the place of a finding of times, in the same direction, the finding says so.
 */
#include "findings_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 2 }; /* runs that noise may move a step */

struct anchor_step {
    char *point;
    size_t run;
    double ratio;
};

struct anchors {
    struct anchor_step *items;
    size_t count, capacity;
};

static int take_anchor(const struct series *s, void *user, struct err *e)
{
    struct anchors *a = user;
    struct change_list changes = {0};

    (void)e;
    changes_find(s->value, s->count, NULL, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *c = &changes.items[i];

        if (c->kind != CHANGE_STEP || c->index >= s->count || !(c->ratio > 0) || s->another[c->index])
            continue;
        VEC_ROOM(a->items, a->count, a->capacity);
        a->items[a->count++] = (struct anchor_step){mem_copy(s->point), s->run[c->index], c->ratio};
    }
    changes_free(&changes);
    return 0;
}

static int add_glob(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct buf *globs = user;

    (void)count;
    (void)e;
    buf_addf(globs, "%s%s/*", globs->length ? "," : "", c[0].text);
    return 0;
}

/* Times alone: a count does not depend on how the machine feels. */
static bool concerns(const struct findings *f, const struct finding *one, const struct anchor_step *step)
{
    const struct finding_series *lead = &one->series[0];
    const struct findings_series *s = findings_series_of(f, lead->point, lead->metric);

    return s && s->kind == METRIC_DURATION && one->kind == CHANGE_STEP && step->run + NEAR >= one->run &&
           step->run <= one->run + NEAR && (step->ratio > 1) == (lead->change.ratio > 1);
}

static void note(struct findings *f, struct finding *one, const struct anchors *a)
{
    struct buf b = {0};

    for (size_t i = 0; i < a->count; i++)
        if (concerns(f, one, &a->items[i]))
            buf_addf(&b, "%s%s %+.1f %%", b.length ? ", " : "", a->items[i].point, 100 * (a->items[i].ratio - 1));
    if (b.length) {
        char *old = one->machine_note;

        one->machine_note =
            mem_format("the machine itself (anchors: %s)%s%s", buf_text(&b), old ? ", " : "", old ? old : "");
        free(old);
    }
    buf_free(&b);
}

int findings_anchors(struct store *s, struct findings *f, struct err *e)
{
    struct anchors a = {0};
    struct buf globs = {0};
    int result = 0;

    if (f->count)
        result = store_query(s, "SELECT DISTINCT kernel FROM point WHERE role = 'anchor' ORDER BY kernel", NULL, 0,
                             add_glob, &globs, e);
    if (!result && globs.length)
        result = series_each(s, &f->home, buf_text(&globs), "wall.time", take_anchor, &a, e);
    for (size_t i = 0; i < f->count && !result; i++)
        note(f, &f->items[i], &a);
    for (size_t i = 0; i < a.count; i++)
        free(a.items[i].point);
    free(a.items);
    buf_free(&globs);
    return result;
}
