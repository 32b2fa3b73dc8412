/* From the word after --baseline to what each point is compared with: see gate_base.h. */
#include "gate_base.h"

#include "../db/ref.h"
#include "base/mem.h"
#include "base/text.h"
#include "ref_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { BASE_ACCEPTED, BASE_RUN, BASE_CHOSEN, BASE_VARIANT };

enum { WIDEST = 1000 };

struct gate_base {
    enum kind kind;
    const struct gate_side *run;
    struct gate_choices choices;
    struct ref_acceptances accepted; /* of the candidate's home */
    bool accepted_known;
    char *variant, *words;
};

const char *gate_base_words(const struct gate *g)
{
    return g->base ? g->base->words : NULL;
}

bool gate_base_is_floating(const struct gate *g)
{
    return g->base && g->base->kind == BASE_CHOSEN;
}

bool gate_base_is_accepted(const struct gate *g, const char *point, const char *metric)
{
    return gate_base_is_floating(g) && ref_acceptances_find(&g->base->accepted, point, metric) != 0;
}

void gate_base_free(struct gate *g)
{
    if (!g->base)
        return;
    gate_choices_free(&g->base->choices);
    ref_acceptances_free(&g->base->accepted);
    free(g->base->variant);
    free(g->base->words);
    free(g->base);
    g->base = NULL;
}

static struct gate_side *loaded_side(const struct gate *g, int64_t run)
{
    for (size_t i = 0; i < g->baseline_count; i++) {
        if (g->baselines[i]->run == run)
            return g->baselines[i];
    }
    return NULL;
}

static struct gate_side *new_side(struct gate *g)
{
    struct gate_side *side = mem_new(1, sizeof *side);

    VEC_ROOM(g->baselines, g->baseline_count, g->baseline_capacity);
    g->baselines[g->baseline_count++] = side;
    return side;
}

/* The baseline's run as loaded (once), for an explicit --baseline or an accepted run. NULL on failure. */
static const struct gate_side *baseline_side(struct gate *g, int64_t run, struct err *e)
{
    struct gate_side *side = loaded_side(g, run);

    if (side)
        return side;
    side = new_side(g);
    return gate_side_load(g, run, side, e) ? NULL : side;
}

/* Likewise, maybe without its values. */
static const struct gate_side *baseline_identity(struct gate *g, int64_t run, struct err *e)
{
    struct gate_side *side = loaded_side(g, run);

    if (side)
        return side;
    side = new_side(g);
    return gate_side_identity(g, run, side, e) ? NULL : side;
}

bool gate_in_one_run(const struct gate *g, const struct gate_item *item)
{
    return item->baseline == &g->candidate;
}

static int read_accepted(struct gate *g, struct err *e)
{
    const struct gate_side *c = &g->candidate;

    if (g->base->accepted_known)
        return 0;
    g->base->accepted_known = true;
    return ref_acceptances_load(g->store, c->machine, c->branch, c->run, &g->base->accepted, e);
}

static int open_run(struct gate *g, const char *ref, struct err *e)
{
    const struct gate_options *o = g->options;
    int64_t run;

    /* "last" and the like mean a run of the same machine; a machine or number that was named is taken at its word. */
    if (ref_find(g->store, ref, o->machine ? o->machine : g->candidate.machine, NULL, g->candidate.run, &run,
                 &g->base_note, e))
        return -1;
    g->base->kind = BASE_RUN;
    g->base->run = baseline_side(g, run, e);
    return g->base->run ? 0 : -1;
}

static int open_window(struct gate *g, const char *digits, struct err *e)
{
    size_t length = strlen(digits), width = 0;

    if (length && length < 6 && strspn(digits, "0123456789") == length)
        width = strtoul(digits, NULL, 10);
    if (width < 1 || width > WIDEST)
        return err_set(e, CM_USAGE, "window:%.40s: write a number of runs from 1 to %d, as in window:10", digits,
                       WIDEST);
    g->base->kind = BASE_CHOSEN;
    g->base->words = mem_format("the newest %zu run%s before, of the present level", width, width == 1 ? "" : "s");
    return read_accepted(g, e) || gate_choices_load(g, width, &g->base->choices, e) ? -1 : 0;
}

static int open_variant(struct gate *g, const char *variant, struct err *e)
{
    for (size_t i = 0; i < g->candidate.point_count; i++) {
        if (strcmp(g->candidate.points[i].variant, variant) != 0)
            continue;
        g->base->kind = BASE_VARIANT;
        g->base->variant = mem_copy(variant);
        g->base->words = mem_format("variant %s of the same run", variant);
        return 0;
    }
    return err_set(e, CM_USAGE, "run %" PRId64 " measured no variant '%.80s'; see: countermark show run:%" PRId64,
                   g->candidate.run, variant, g->candidate.run);
}

int gate_base_open(struct gate *g, struct err *e)
{
    const char *ref = g->options->baseline;

    g->base = mem_new(1, sizeof *g->base);
    if (!ref)
        return 0;
    if (text_starts(ref, "window:"))
        return open_window(g, ref + strlen("window:"), e);
    if (text_starts(ref, "variant:"))
        return open_variant(g, ref + strlen("variant:"), e);
    if (strcmp(ref, "best") != 0)
        return open_run(g, ref, e);
    g->base->kind = BASE_CHOSEN;
    g->base->words = mem_copy("the best runs before, point by point");
    return read_accepted(g, e) || gate_choices_load(g, 0, &g->base->choices, e) ? -1 : 0;
}

static int find_accepted(struct gate *g, const char *point, const char *metric, struct gate_reference *r, struct err *e)
{
    const struct gate_side *c = &g->candidate;
    int64_t run;

    if (read_accepted(g, e))
        return -1;
    run = ref_acceptances_find(&g->base->accepted, point, metric);
    if (run == 0)
        return 0;
    r->side = baseline_side(g, run, e);
    if (!r->side)
        return -1;
    if (r->side->scripted && !c->scripted) /* never a real candidate's baseline */
        r->side = NULL;
    return 0;
}

static int find_chosen(struct gate *g, const char *point, const char *metric, struct gate_reference *r, struct err *e)
{
    const struct gate_choice *c = gate_choice_find(&g->base->choices, point, metric);

    if (!c || !c->series.count)
        return 0;
    r->side = baseline_identity(g, c->runs[0], e);
    r->series = &c->series;
    r->drift = c->drift;
    return r->side ? 0 : -1;
}

/* How many axes both points have with one value; -1 where an axis of both has two. Axes stand behind the colon, commas between them. */
static int agreement(const char *point, const char *other)
{
    int equal = 0;

    for (const char *a = strchr(point, ':'); a; a = strchr(a, ',')) {
        size_t length = strcspn(++a, ","), name = strcspn(a, "=,");

        for (const char *b = strchr(other, ':'); b; b = strchr(b, ',')) {
            b++;
            if (strcspn(b, "=,") != name || strncmp(a, b, name) != 0)
                continue;
            if (strcspn(b, ",") != length || strncmp(a, b, length) != 0)
                return -1;
            equal++;
        }
    }
    return equal;
}

/* Variants have axes of their own (threads, instruction sets): its point is the one that agrees in most of those that both have. */
static void find_variant(const struct gate *g, const struct gate_point *p, struct gate_reference *r)
{
    int most = -1;

    if (!strcmp(p->variant, g->base->variant))
        return;
    for (size_t i = 0; i < g->candidate.point_count; i++) {
        const struct gate_point *other = &g->candidate.points[i];
        int equal = agreement(p->text, other->text);

        if (strcmp(other->kernel, p->kernel) != 0 || strcmp(other->variant, g->base->variant) != 0 || equal <= most)
            continue;
        most = equal;
        r->side = &g->candidate;
        r->point = other->text;
    }
}

int gate_base_find(struct gate *g, const struct gate_point *p, const char *metric, struct gate_reference *r,
                   struct err *e)
{
    *r = (struct gate_reference){.point = p->text, .drift = NAN};
    switch (g->base->kind) {
    case BASE_RUN: r->side = g->base->run; return 0;
    case BASE_CHOSEN: return find_chosen(g, p->text, metric, r, e);
    case BASE_VARIANT: find_variant(g, p, r); return 0;
    default: return find_accepted(g, p->text, metric, r, e);
    }
}
