/* The gate's order of work; see gate.h and gate_model.h. */
#include "gate_base.h"

#include "../db/ref.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch.h"
#include "ref_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum gate_format gate_format_parse(const char *name)
{
    if (name && !strcmp(name, "json"))
        return GATE_JSON;
    return name && !strcmp(name, "github") ? GATE_GITHUB : GATE_TEXT;
}

/* A newer run that did not end is not what is judged: said, so that nobody takes the older one for it. */
static int mention_unfinished(struct gate *g, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, g->candidate.machine};
    double run;
    bool found;

    snprintf(id, sizeof id, "%" PRId64, g->candidate.run);
    if (store_number(g->store,
                     "SELECT r.id FROM run r JOIN machine c ON c.id = r.machine WHERE r.status <> 'complete'"
                     " AND c.name = ?2 AND (r.started, r.id) > (SELECT started, id FROM run WHERE id = ?1) LIMIT 1",
                     parameters, 2, &run, &found, e))
        return -1;
    if (found)
        log_note("run %.0f is newer but not complete; run %" PRId64 " is checked", run, g->candidate.run);
    return 0;
}

/* What was measured last by hand is judged, whatever commit it is of; that there is a newer one is said. */
static int mention_newer(struct gate *g, struct err *e)
{
    char id[24], *commit;
    const char *const parameters[] = {id};

    snprintf(id, sizeof id, "%" PRId64, g->candidate.run);
    if (store_text(g->store,
                   "SELECT substr(b.commit_id, 1, 12) FROM run c JOIN build n ON n.id = c.build JOIN build b"
                   " ON b.branch = n.branch AND b.commit_time > n.commit_time AND b.commit_id <> '' JOIN run r ON "
                   "r.build = b.id"
                   " AND r.machine = c.machine AND r.scripted = c.scripted AND r.status = 'complete'"
                   " WHERE c.id = ?1 AND n.commit_id <> '' ORDER BY b.commit_time DESC LIMIT 1",
                   parameters, 1, &commit, e))
        return -1;
    if (commit)
        log_note("run %" PRId64 " was measured last, but commit %s is newer; to check that: --candidate commit:%s",
                 g->candidate.run, commit, commit);
    free(commit);
    return 0;
}

/* Of a sharded plan that is not whole, people must not take the verdict for that of the plan. */
static int mention_shards(struct gate *g, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id};
    double missing;
    bool found;

    snprintf(id, sizeof id, "%" PRId64, g->candidate.run);
    if (store_number(g->store, "SELECT shards - (SELECT count(*) FROM " GATE_RUNS ") FROM run WHERE id = ?1",
                     parameters, 1, &missing, &found, e))
        return -1;
    if (found && missing > 0)
        log_warning("run %" PRId64 " is a shard; %.0f other%s of its plan %s not here (countermark db merge)",
                    g->candidate.run, missing, missing > 1 ? "s" : "", missing > 1 ? "are" : "is");
    return 0;
}

static int choose_candidate(struct gate *g, int64_t *run, struct err *e)
{
    const struct gate_options *o = g->options;
    int64_t last;

    if (o->candidate)
        return ref_find(g->store, o->candidate, o->machine, NULL, 0, run, NULL, e);
    if (ref_find(g->store, "last", o->machine, NULL, 0, &last, NULL, e) || ref_newest_commit(g->store, last, run, e))
        return -1;
    if (*run != last)
        log_note("a backfill measured last, run %" PRId64 "; run %" PRId64 ", of the newest commit, is checked", last,
                 *run);
    return 0;
}

static int load_runs(struct gate *g, struct err *e)
{
    const struct gate_options *o = g->options;
    int64_t run;

    if (choose_candidate(g, &run, e) || gate_side_load(g, run, &g->candidate, e))
        return -1;
    if (mention_shards(g, e) || (!o->candidate && (mention_unfinished(g, e) || mention_newer(g, e))))
        return -1;
    return gate_base_open(g, e);
}

int gate_open(struct gate *g, const struct gate_options *o, bool write, struct err *e)
{
    *g = (struct gate){.options = o};
    g->metrics_glob = mem_copy(o->metrics && *o->metrics ? o->metrics : METRICS_GATING);
    if (store_open(&g->store, o->database, write ? STORE_UPDATE : STORE_READ, e))
        return -1;
    return gate_metrics_load(g, e) || load_runs(g, e) || gate_sight_load(g, e) ? -1 : 0;
}

static void free_finding(struct gate_finding *f)
{
    char *texts[] = {f->summary, f->reason, f->environment, f->why, f->rerun, f->perf, f->ledger, f->picture};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(f->points);
    gate_past_free(f);
}

void gate_free(struct gate *g)
{
    store_close(g->store);
    free(g->metrics_glob);
    for (size_t i = 0; i < g->metric_count; i++) {
        free(g->metrics[i].name);
        free(g->metrics[i].unit);
    }
    free(g->metrics);
    gate_side_free(&g->candidate);
    for (size_t i = 0; i < g->baseline_count; i++) {
        gate_side_free(g->baselines[i]);
        free(g->baselines[i]);
    }
    free(g->baselines);
    for (size_t i = 0; i < g->item_count; i++) {
        free(g->items[i].reason);
        free(g->items[i].ledger);
    }
    free(g->items);
    for (size_t i = 0; i < g->finding_count; i++)
        free_finding(&g->findings[i]);
    free(g->findings);
    free(g->accept_note);
    free(g->confirm_note);
    for (size_t i = 0; i < g->ledger_note_count; i++)
        free(g->ledger_notes[i]);
    free(g->ledger_notes);
    ledger_free(&g->ledger);
    gate_base_free(g);
    free(g->base_note);
    free(g->story);
    gate_anchor_free(g);
    gate_sight_free(g);
    gate_trust_free(g);
    memset(g, 0, sizeof *g);
}

typedef void gate_writer(const struct gate *g, struct buf *out);

int gate_measure_again(struct gate *g, bool all, struct err *e)
{
    int failed;

    launch_catch_signals(true);
    failed = gate_recount(g, e) || gate_confirm(g, all, e) ? -1 : 0;
    launch_catch_signals(false);
    return failed;
}

static int run_steps(struct gate *g, struct err *e)
{
    if (gate_ledger_open(g, e) || gate_judge(g, e) || gate_measure_again(g, false, e) || gate_disturbed(g, e) ||
        gate_ledger_apply(g, e) || gate_streaks(g, e) || gate_accept_first(g, e))
        return -1;
    gate_group(g);
    gate_conclude(g);
    return gate_store_verdicts(g, e) || gate_write_files(g, e) ? -1 : 0;
}

int gate_run(const struct gate_options *o, struct buf *out, char **story, struct err *e)
{
    static gate_writer *const writers[] = {
        [GATE_TEXT] = gate_write_text, [GATE_JSON] = gate_write_json, [GATE_GITHUB] = gate_write_github};
    struct err own = {0};
    struct gate g;
    int code;

    e = e ? e : &own;
    *story = NULL;
    if (gate_open(&g, o, true, e) || run_steps(&g, e)) {
        code = e->code ? e->code : CM_INTERNAL;
    } else {
        writers[o->format](&g, out);
        if (o->format != GATE_JSON)
            text_disarm(out->text, true);
        *story = mem_copy(g.story);
        code = g.exit_code;
    }
    gate_free(&g);
    return code;
}
