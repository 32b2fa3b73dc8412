/*
 * From wanted metrics to passes on one chip.
 *
 * For each metric the first alternative that the chip has and can schedule is taken; one without any is missing, with the reasons. Then
 * metrics that need one round of the work share as few passes as hold them at one round; those that need several go together
 * in a pass of many rounds, and what needs fewer rounds together than apart is joined to it. Metrics that patch the code have
 * passes of their own. Every other pass begins with the tie-point if that costs no round.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_parts.h"

#include "../harness/base/buf.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"
#include "groups.h"

#include <stdlib.h>
#include <string.h>

static const char tie_name[] = "warp_instructions";

/* What is asked about all the time. */
struct planner {
    const struct cupti *c;
    const char *chip;
    const uint8_t *availability;
    cupti_host *host; /* for questions about names */
    struct cupti_item *items;
    size_t count;
    struct cupti_item tie;
    bool has_tie;
};

/* Indexes of items that share a pass. */
struct pack {
    size_t *members;
    size_t count, capacity;
    bool tied;
    int rounds;
};

struct packs {
    struct pack *items;
    size_t count, capacity;
};

static int rounds_of(const struct planner *p, const struct pack *pack, size_t further, bool tied)
{
    const char **counted = mem_new(pack->count + 2, sizeof *counted);
    struct err ignored = {0};
    size_t n = 0;
    int rounds;

    if (tied)
        counted[n++] = p->tie.counted;
    for (size_t i = 0; i < pack->count; i++)
        counted[n++] = p->items[pack->members[i]].counted;
    if (further < p->count)
        counted[n++] = p->items[further].counted;
    rounds = cupti_schedule(p->c, p->chip, p->availability, counted, n, NULL, &ignored);
    free(counted);
    return rounds;
}

/* Adds the item if the pass then takes no more than `most` rounds; 0: any number. */
static bool pack_add(const struct planner *p, struct pack *pack, size_t item, int most)
{
    int rounds = rounds_of(p, pack, item, pack->tied);

    if (rounds < 1 || (most && rounds > most))
        return false;
    VEC_ROOM(pack->members, pack->count, pack->capacity);
    pack->members[pack->count++] = item;
    pack->rounds = rounds;
    return true;
}

static void pack_new(const struct planner *p, struct packs *packs, size_t item)
{
    struct pack alone = {0}, *pack;
    bool tie = p->has_tie && !cupti_patches(p->items[item].counted);

    VEC_ROOM(packs->items, packs->count, packs->capacity);
    pack = &packs->items[packs->count++];
    *pack = (struct pack){.tied = tie && rounds_of(p, &alone, item, true) == p->items[item].rounds};
    VEC_ROOM(pack->members, pack->count, pack->capacity);
    pack->members[pack->count++] = item;
    pack->rounds = p->items[item].rounds;
}

/* Into the first pass of `packs` that stays within `most` rounds, or a new one. */
static void pack_item(const struct planner *p, struct packs *packs, size_t item, int most)
{
    for (size_t i = 0; i < packs->count; i++)
        if (pack_add(p, &packs->items[i], item, most))
            return;
    pack_new(p, packs, item);
}

/* Joins pass `b` to `a` if together they need fewer rounds than apart; the tie-point is given up for that. */
static bool pack_join(const struct planner *p, struct pack *a, struct pack *b)
{
    struct pack both = {0};
    bool good = false;

    for (size_t i = 0; i < a->count + b->count; i++) {
        VEC_ROOM(both.members, both.count, both.capacity);
        both.members[both.count++] = i < a->count ? a->members[i] : b->members[i - a->count];
    }
    for (int tied = a->tied && b->tied; tied >= 0 && !good; tied--) {
        both.tied = tied;
        both.rounds = rounds_of(p, &both, p->count, tied);
        good = both.rounds >= 1 && both.rounds < a->rounds + b->rounds;
    }
    if (!good) {
        free(both.members);
        return false;
    }
    free(a->members);
    free(b->members);
    *a = both;
    *b = (struct pack){0};
    return true;
}

/* Until no two passes save a round together. */
static void packs_join(const struct planner *p, struct packs *packs)
{
    bool joined = true;

    while (joined) {
        joined = false;
        for (size_t i = 0; i < packs->count; i++)
            for (size_t k = i + 1; k < packs->count; k++)
                if (packs->items[i].count && packs->items[k].count && pack_join(p, &packs->items[i], &packs->items[k]))
                    joined = true;
    }
}

/* Everything in one pass, if CUPTI's own schedule of that takes fewer rounds than ours. */
static void packs_unite(const struct planner *p, struct packs *packs)
{
    struct pack all = {.tied = packs->count > 0};
    int apart = 0;

    for (size_t i = 0; i < packs->count; i++) {
        apart += packs->items[i].rounds;
        all.tied = all.tied && packs->items[i].tied;
        for (size_t k = 0; k < packs->items[i].count; k++) {
            VEC_ROOM(all.members, all.count, all.capacity);
            all.members[all.count++] = packs->items[i].members[k];
        }
    }
    all.rounds = all.count ? rounds_of(p, &all, p->count, all.tied) : 0;
    if (all.rounds < 1 || all.rounds >= apart) {
        free(all.members);
        return;
    }
    for (size_t i = 0; i < packs->count; i++)
        free(packs->items[i].members);
    packs->items[0] = all;
    packs->count = 1;
}

/* The tie-point for those that can have it for nothing after all. */
static void packs_tie(const struct planner *p, struct packs *packs)
{
    for (size_t i = 0; i < packs->count; i++) {
        struct pack *pack = &packs->items[i];

        if (pack->count && !pack->tied)
            pack->tied = rounds_of(p, pack, p->count, true) == pack->rounds;
    }
}

static char *pass_text(const struct planner *p, const struct pack *pack)
{
    struct buf b = {0};

    if (pack->tied)
        buf_addf(&b, "%s=%s", p->tie.name, p->tie.counted);
    for (size_t i = 0; i < pack->count; i++) {
        const struct cupti_item *item = &p->items[pack->members[i]];

        if (p->has_tie && pack->tied && !strcmp(item->name, p->tie.name))
            continue;
        buf_add(&b, b.length ? "," : "");
        if (strcmp(item->name, item->counted))
            buf_addf(&b, "%s=", item->name);
        buf_addf(&b, "%s%s%s", item->counted, *item->factor ? "*" : "", item->factor);
    }
    return buf_take(&b);
}

static void emit(const struct planner *p, struct packs *packs, struct cupti_partition *out)
{
    for (size_t i = 0; i < packs->count; i++) {
        char *text = packs->items[i].count ? pass_text(p, &packs->items[i]) : NULL;

        if (text) {
            text_list_add(&out->passes, text);
            out->rounds += packs->items[i].rounds;
        }
        free(text);
        free(packs->items[i].members);
    }
    free(packs->items);
}

static void make_passes(const struct planner *p, struct cupti_partition *out)
{
    for (int patching = 0; patching < 2; patching++) {
        struct packs one = {0}, many = {0};

        for (size_t i = 0; i < p->count; i++) {
            bool single = p->items[i].rounds == 1;

            if (cupti_patches(p->items[i].counted) == (patching == 1))
                pack_item(p, single ? &one : &many, i, single ? 1 : 0);
        }
        for (size_t i = 0; i < many.count; i++) {
            VEC_ROOM(one.items, one.count, one.capacity);
            one.items[one.count++] = many.items[i];
        }
        free(many.items);
        packs_join(p, &one);
        packs_unite(p, &one);
        if (p->has_tie && !patching)
            packs_tie(p, &one);
        emit(p, &one, out);
    }
}

/* Tries one alternative, "COUNTED" or "COUNTED * FACTOR"; the reason goes to `e`. */
static bool resolve(const struct planner *p, const char *alternative, struct cupti_item *item, enum cupti_known *known,
                    struct err *e)
{
    const char *star = strstr(alternative, " * ");
    char *counted = star ? mem_copy_n(alternative, (size_t)(star - alternative)) : mem_copy(alternative);

    *known = cupti_metric_known(p->c, p->host, p->chip, counted, NULL, e);
    if (*known == CUPTI_KNOWN) {
        const char *const names[] = {counted};

        item->rounds = cupti_schedule(p->c, p->chip, p->availability, names, 1, NULL, e);
        if (item->rounds > 0) {
            item->counted = counted;
            item->factor = mem_copy(star ? star + 3 : "");
            return true;
        }
    }
    free(counted);
    return false;
}

/* True if no chip at all has it: then somebody mistyped. */
static bool nowhere(const struct cupti *c, const char *counted)
{
    const char *const *chips = cupti_chips(c, NULL);
    bool found = false;

    for (size_t i = 0; chips && chips[i] && !found; i++) {
        cupti_host *host = cupti_host_open(c, chips[i], NULL, NULL);
        CUpti_Profiler_Host_GetMetricProperties_Params p = {
            .structSize = CUpti_Profiler_Host_GetMetricProperties_Params_STRUCT_SIZE,
            .pHostObject = host,
            .pMetricName = counted};

        found = host && c->cuptiProfilerHostGetMetricProperties(&p) == CUPTI_SUCCESS;
        cupti_host_close(c, host);
    }
    return !found;
}

static int resolve_want(struct planner *p, const struct cupti_want *w, struct cupti_partition *out, struct err *e)
{
    struct cupti_item *item = &p->items[p->count];
    struct buf why = {0};
    char *line;

    *item = (struct cupti_item){.name = w->name};
    for (size_t a = 0; a < w->count; a++) {
        const char *alternative = w->alternatives ? w->alternatives[a] : w->name;
        enum cupti_known known;
        struct err one = {0};

        if (resolve(p, alternative, item, &known, &one)) {
            p->count++;
            buf_free(&why);
            return 0;
        }
        if (!w->alternatives && (known == CUPTI_NO_SUFFIX || (known == CUPTI_NO_BASE && nowhere(p->c, alternative)))) {
            buf_free(&why);
            return err_set(e, CM_USAGE, "cupti: %s", one.text);
        }
        if (!strstr(buf_text(&why), one.text))
            buf_addf(&why, "%s%s", why.length ? "; " : "", one.text);
    }
    line = mem_format("%s\t%s", w->name, buf_text(&why));
    text_list_add(&out->missing, line);
    free(line);
    buf_free(&why);
    return 0;
}

static void resolve_tie(struct planner *p)
{
    const struct group_event *tie = group_event_find("cupti", tie_name);
    enum cupti_known known;

    p->tie.name = tie_name;
    for (size_t a = 0; tie && a < tie->alternative_count && !p->has_tie; a++) {
        struct err ignored = {0};

        p->has_tie = resolve(p, tie->alternatives[a], &p->tie, &known, &ignored);
    }
}

static void item_free(struct cupti_item *item)
{
    free(item->counted);
    free(item->factor);
}

int cupti_partition_make(const struct cupti *c, const char *chip, const uint8_t *availability,
                         const struct cupti_wants *w, struct cupti_partition *out, struct err *e)
{
    struct planner p = {.c = c, .chip = chip, .availability = availability};
    int status = 0;

    *out = (struct cupti_partition){0};
    p.host = cupti_host_open(c, chip, availability, e);
    if (!p.host)
        return -1;
    p.items = mem_new(w->count + 1, sizeof *p.items);
    resolve_tie(&p);
    for (size_t i = 0; i < w->count && !status; i++)
        status = resolve_want(&p, &w->items[i], out, e);
    if (!status)
        make_passes(&p, out);
    else
        cupti_partition_free(out);
    for (size_t i = 0; i < p.count; i++)
        item_free(&p.items[i]);
    item_free(&p.tie);
    free(p.items);
    cupti_host_close(c, p.host);
    return status;
}

void cupti_partition_free(struct cupti_partition *p)
{
    text_list_free(&p->passes);
    text_list_free(&p->missing);
    p->rounds = 0;
}

#endif
