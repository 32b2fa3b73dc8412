/*
 * What else moved where a commit changed something: both sides of a culprit are launched in the passes that count something, and the
 * sentence comes from where a gate's comes from. What cannot be counted here leaves the sentence with the time alone.
 */
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "bisect_parts.h"
#include "registry.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

#define MOST_PASSES 4
#define LAUNCHES 2 /* of each side; a simulator says the same every time */

static int take_pass(const struct cell *c, size_t count, void *user, struct err *e)
{
    (void)count;
    (void)e;
    text_list_add(user, c[0].text);
    return 0;
}

/* Those in which the user's own runs counted this point. */
static int stored_passes(struct bisect *b, struct text_list *passes, struct err *e)
{
    const char *const parameters[] = {b->q->point};
    struct store *s = NULL;
    int failed;

    if (!file_exists(b->database))
        return 0;
    if (store_open(&s, b->database, STORE_READ, e))
        return -1;
    failed = store_query(s,
                         "SELECT DISTINCT pass FROM planned_launch WHERE pass <> '' AND status = 'done' AND run ="
                         " (SELECT max(l.run) FROM planned_launch l JOIN point p ON p.id = l.point WHERE p.text = ?1"
                         " AND l.pass <> '') AND point IN (SELECT id FROM point WHERE text = ?1) ORDER BY pass",
                         parameters, 1, take_pass, passes, e);
    store_close(s);
    return failed;
}

/* Those that the collector plans by itself; what cannot count here has none. */
static int planned_passes(struct bisect *b, const char *collector, struct text_list *passes, struct err *e)
{
    char *cache = run_cache_folder(b->database);
    struct passes found = {0};
    struct err trouble = {0};
    int failed = launch_plan_collector(collector, "", cache, b->host.machine_fingerprint, &found, &trouble);

    for (size_t i = 0; !failed && i < found.passes.count; i++)
        text_list_add(passes, found.passes.items[i]);
    text_list_free(&found.passes);
    text_list_free(&found.missing);
    free(cache);
    return failed && trouble.code == CM_INTERRUPTED ? err_set(e, CM_INTERRUPTED, "interrupted") : 0;
}

static int find_passes(struct bisect *b, struct text_list *passes, struct err *e)
{
    if (stored_passes(b, passes, e))
        return -1;
    if (passes->count || b->script)
        return 0;
    if (registry_collector("papi") && planned_passes(b, "papi", passes, e))
        return -1;
    /* A program of the user is put under a simulator only when somebody says so. */
    if (!passes->count && !b->command && registry_collector("callgrind"))
        return planned_passes(b, "callgrind", passes, e);
    return 0;
}

static int count_sides(struct bisect *b, const size_t sides[2], const struct text_list *passes, struct err *e)
{
    for (size_t p = 0; p < passes->count && p < MOST_PASSES; p++) {
        bool well = true;

        for (int n = 0; n < (registry_simulator(passes->items[p]) ? 1 : LAUNCHES) && well; n++) {
            if (bisect_count(b, sides[0], passes->items[p], &well, e) ||
                (well && bisect_count(b, sides[1], passes->items[p], &well, e)))
                return -1;
        }
    }
    return 0;
}

/* The sentence of a gate, over bisect's own runs. */
static char *sentence(struct bisect *b, const size_t sides[2], double ratio)
{
    const struct gate_options options = {.database = b->database};
    const struct gate_side old = {.run = b->out->known[sides[0]].run};
    const struct gate_point point = {.text = (char *)b->q->point, .kernel = b->kernel, .variant = b->variant};
    const struct gate_item item = {.point = &point, .metric = &b->metric, .baseline = &old, .c = {.ratio = ratio}};
    struct gate g = {.options = &options, .store = b->kept};
    char *text;

    if (!b->out->known[sides[0]].run || !b->out->known[sides[1]].run)
        return NULL;
    g.candidate.run = b->out->known[sides[1]].run;
    text = gate_why(&g, &item);
    gate_trust_free(&g);
    return text;
}

int bisect_why(struct bisect *b, struct err *e)
{
    struct bisect_outcome *o = b->out;
    struct text_list passes = {0};
    int failed = o->search.culprit_count ? find_passes(b, &passes, e) : 0;

    o->why = mem_new(o->search.culprit_count + 1, sizeof *o->why);
    if (!failed && passes.count && o->search.culprit_count)
        log_note("counting both sides of %s", o->search.culprit_count == 1 ? "the change" : "every change");
    for (size_t i = 0; i < o->search.culprit_count && !failed; i++) {
        const struct search_culprit *c = &o->search.culprits[i];
        size_t sides[2] = {c->first - 1, c->last};

        while (sides[0] > 0 && o->search.commits[sides[0]].skipped)
            sides[0]--;
        failed = count_sides(b, sides, &passes, e);
        if (!failed)
            o->why[i] = sentence(b, sides, c->ratio);
    }
    text_list_free(&passes);
    return failed;
}
