/*
 * Events that are known to count wrong rest no verdict on themselves: not where the candidate was measured, and not where its
 * baseline was. What is barred is said with its error, and the run goes on with what can be trusted.
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "trust.h"

#include <stdlib.h>
#include <string.h>

/* What is known where a run was made: read once. */
struct gate_trust {
    int64_t run;
    struct trust trust;
};

static const struct trust *trust_of(struct gate *g, int64_t run)
{
    struct gate_trust *t;

    for (size_t i = 0; i < g->trust_count; i++)
        if (g->trusts[i].run == run)
            return &g->trusts[i].trust;
    VEC_ROOM(g->trusts, g->trust_count, g->trust_capacity);
    t = &g->trusts[g->trust_count++];
    *t = (struct gate_trust){.run = run};
    trust_of_run(g->store, run, &t->trust, NULL); /* what cannot be read bars nothing */
    return &t->trust;
}

void gate_trust_free(struct gate *g)
{
    for (size_t i = 0; i < g->trust_count; i++)
        trust_free(&g->trusts[i].trust);
    free(g->trusts);
    for (size_t i = 0; i < g->barred_count; i++)
        free(g->barred[i]);
    free(g->barred);
}

const char *gate_barred(struct gate *g, int64_t run, const char *metric)
{
    const struct trust_event *event = trust_find(trust_of(g, run), metric);

    return trust_is_wrong(event) ? event->reason : NULL;
}

/* Noted for the story, once a metric. */
static void note(struct gate *g, const char *metric, const char *reason)
{
    char *words = mem_format("%s cannot be trusted here: %s", metric_words(metric), reason);

    for (size_t i = 0; i < g->barred_count; i++)
        if (!strcmp(g->barred[i], words)) {
            free(words);
            return;
        }
    VEC_ROOM(g->barred, g->barred_count, g->barred_capacity);
    g->barred[g->barred_count++] = words;
}

bool gate_judge_trust(struct gate *g, struct gate_item *item)
{
    const char *now = gate_barred(g, g->candidate.run, item->metric->name), *reason = now;

    if (!reason && item->baseline)
        reason = gate_barred(g, item->baseline->run, item->metric->name);
    if (!reason)
        return false;
    item->c.verdict = COMPARE_INCOMPARABLE;
    item->cause = CAUSE_OTHER;
    item->barred = true;
    gate_reason(item, "%s cannot be trusted on this machine%s: %s", item->metric->name,
                now ? "" : " as it was in the baseline", reason);
    note(g, item->metric->name, reason);
    return true;
}

void gate_trust_story(const struct gate *g, struct buf *out)
{
    for (size_t i = 0; i < g->barred_count; i++)
        buf_addf(out, "%s%s", out->length ? "; " : "", g->barred[i]);
}
