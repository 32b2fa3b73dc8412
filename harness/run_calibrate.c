/*
 * Before a run, the events that it will count and that nobody has looked at on this machine as it is now are counted where their counts
 * are known. Once per machine, environment and event; what is found is said in one line. A scripted run is calibrated only if its
 * script names the truth kernels.
 */
#include "../collectors/fake.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "calibrate.h"
#include "run_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUICK_LAUNCHES = 1, SURE_LAUNCHES = 3, QUICK_REPETITIONS = 5 };

#define KERNEL "truth"

static bool is_known(const struct calibration *c, const char *metric, bool countable)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->rows[i].metric, metric))
            return !countable || strcmp(c->rows[i].verdict, "unavailable") != 0;
    return false;
}

/* The passes with an event that is not known, and the missing events that have no row. */
static void select_unknown(const struct passes *all, const struct calibration *known, struct passes *out)
{
    for (size_t i = 0; i < all->passes.count; i++) {
        struct text_list metrics = {0};
        bool unknown = false;

        calibrate_metrics(all->passes.items[i], &metrics);
        for (size_t m = 0; m < metrics.count; m++)
            unknown = unknown || !is_known(known, metrics.items[m], true);
        if (unknown)
            text_list_add(&out->passes, all->passes.items[i]);
        text_list_free(&metrics);
    }
    for (size_t i = 0; i < all->missing.count; i++) {
        char *metric = mem_copy_n(all->missing.items[i], strcspn(all->missing.items[i], "\t"));

        if (!is_known(known, metric, false))
            text_list_add(&out->missing, all->missing.items[i]);
        free(metric);
    }
}

static void tell(const struct calibration *c)
{
    size_t wrong = calibration_metrics(c, "wrong"), right = calibration_metrics(c, "right");
    struct buf names = {0};
    char spent[40] = "", words[30];

    if (c->seconds >= 1)
        snprintf(spent, sizeof spent, " (%s)", text_duration_words(c->seconds, words, sizeof words));
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->rows[i].verdict, "wrong") && (!names.length || strcmp(c->rows[i].metric, c->rows[i - 1].metric)))
            buf_addf(&names, "%s%s", names.length ? ", " : "", c->rows[i].metric);
    if (c->launches)
        log_note("counters checked where counts are known%s: %zu event%s right, %zu wrong%s%s%s", spent, right,
                 right == 1 ? "" : "s", wrong, wrong ? ", on which no verdict rests: " : "", buf_text(&names),
                 wrong ? "; `countermark doctor --calibrate` shows the errors" : "");
    buf_free(&names);
}

static int is_wanted(const struct session *s, bool *wanted, struct err *e)
{
    struct fake *script;

    *wanted = !s->q->no_calibrate && (s->counters.passes.count || s->counters.missing.count);
    if (!*wanted || !s->fake_script)
        return 0;
    script = fake_load(s->fake_script, e);
    *wanted = fake_names(script, KERNEL);
    fake_free(script);
    return script ? 0 : -1;
}

/* Whatever is wrong with it costs the knowledge, never the run: only the user stops it. */
static int look(struct session *s, const struct passes *unknown, struct err *e)
{
    struct calibrate_request q = {.host = &s->out->host,
                                  .references = s->references,
                                  .script = s->fake_script,
                                  .passes = unknown,
                                  .quick = true,
                                  .launches = QUICK_LAUNCHES,
                                  .repetitions = QUICK_REPETITIONS};
    struct calibration found;
    struct err trouble = {0};
    int failed;

    launch_catch_signals(true);
    failed = calibrate(&q, &found, &trouble);
    if (!failed && calibration_metrics(&found, "wrong")) { /* an interrupt at the wrong time bars nothing */
        calibration_free(&found);
        q.launches = SURE_LAUNCHES;
        failed = calibrate(&q, &found, &trouble);
    }
    launch_catch_signals(false);
    if (!failed)
        failed = calibration_store(s->store, &s->out->host, s->fake_script != NULL, &found, &trouble);
    if (!failed)
        tell(&found);
    calibration_free(&found);
    if (failed && trouble.code == CM_INTERRUPTED)
        return err_set(e, CM_INTERRUPTED, "%s", trouble.text);
    if (failed)
        log_warning("how right this machine counts could not be found out: %s", trouble.text);
    return 0;
}

int run_calibrate(struct session *s, struct err *e)
{
    struct calibration known;
    struct passes unknown = {0};
    bool wanted;
    int failed = is_wanted(s, &wanted, e);

    if (failed || !wanted)
        return failed;
    failed = calibration_read(s->store, &s->out->host, s->fake_script != NULL, &known, e);
    if (!failed) {
        select_unknown(&s->counters, &known, &unknown);
        if (unknown.passes.count || unknown.missing.count || !is_known(&known, "os.faults_minor", false))
            failed = look(s, &unknown, e);
    }
    calibration_free(&known);
    text_list_free(&unknown.passes);
    text_list_free(&unknown.missing);
    return failed;
}
