/* Launches of a gate: programs found, shapes read, launches made and stored; see gate_rerun.h. */
#include "gate_rerun.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "launch.h"
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LAUNCH_S 1
#define COMMAND_TIMEOUT_S 600 /* as in a run */
#define TRIES 4               /* of a launch whose times cannot be trusted */

static struct kept_name kept_name(const struct gate_side *side, const struct gate_item *item)
{
    const struct gate_point *p = gate_side_point(side, item->point->text);

    return (struct kept_name){item->point->text, p ? p->variant_version : "", p ? p->code_hash : ""};
}

/* A program of the user: both sides' are measured by this countermark. */
static char *find_command(const struct gate *g, const struct gate_side *side, const struct rerun *r,
                          struct contestant *c)
{
    const struct kept_name name = kept_name(side, r->item);

    return kept_command_find(g->options->database, &name, &c->command);
}

void rerun_spare(const struct gate *g)
{
    for (const struct gate_item *item = g->items; item < g->items + g->item_count; item++)
        if (item->baseline && gate_is_command(item->point)) {
            const struct kept_name name = kept_name(item->baseline, item);

            kept_command_use(g->options->database, &name);
        }
}

char *rerun_find(const struct gate *g, struct rerun *r, enum rerun_side which)
{
    const struct gate_side *side = which == RERUN_OLD ? r->item->baseline : &g->candidate;
    struct contestant *c = &r->sides[which];
    char *why = NULL;

    c->references = run_reference_folder(g->options->database, side->binary_hash);
    c->script = mem_copy(side->script);
    if (gate_is_command(r->item->point))
        why = find_command(g, side, r, c);
    else if (!(c->program = host_kept_program(g->options->database, side->binary_hash)))
        why = mem_format("the program of run %" PRId64 " was not kept beside the database", side->run);
    if (why)
        return why;
    if (side->scripted && !c->script)
        return mem_format("the script of run %" PRId64 " is not known", side->run);
    if (c->script && !file_exists(c->script))
        return mem_format("the script of run %" PRId64 ", %s, is gone", side->run, c->script);
    return NULL;
}

static int take_shape(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct rerun *r = user;

    (void)count;
    (void)e;
    r->inner = isnan(c[0].number) ? 0 : (int64_t)c[0].number;
    r->repetitions = isnan(c[1].number) ? 0 : (int)c[1].number;
    r->launch_s = isnan(c[2].number) ? DEFAULT_LAUNCH_S : c[2].number;
    r->number = isnan(c[3].number) ? 0 : (int)c[3].number + 1;
    return 0;
}

static int take_axis(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct rerun *r = user;

    (void)count;
    (void)e;
    VEC_ROOM(r->axes, r->axis_count, r->axis_capacity);
    r->axes[r->axis_count++] = (struct fact){mem_copy(c[0].text), mem_copy(c[1].text)};
    return 0;
}

int rerun_shape(struct gate *g, struct rerun *r, struct err *e)
{
    char run[24], point[24];
    const char *const parameters[] = {run, point, r->pass ? r->pass : "", r->item->metric->name};
    const char *counted;

    snprintf(run, sizeof run, "%" PRId64, g->candidate.run);
    snprintf(point, sizeof point, "%" PRId64, r->item->point->id);
    if (store_query(g->store,
                    "SELECT max(l.inner), max(s.n), avg(l.wall_s),"
                    " (SELECT max(number) FROM launch WHERE run IN " GATE_RUNS " AND point = ?2)"
                    " FROM launch l LEFT JOIN launch_summary s ON s.launch = l.id"
                    " AND s.metric = (SELECT id FROM metric WHERE name = ?4)"
                    " WHERE l.run IN " GATE_RUNS " AND l.point = ?2 AND l.pass = ?3 AND l.status = 'done'",
                    parameters, 4, take_shape, r, e) ||
        store_query(g->store, "SELECT axis, value FROM point_axis WHERE point = ?2 AND ?1 = ?1 ORDER BY axis",
                    parameters, 2, take_axis, r, e))
        return -1;
    VEC_ROOM(r->axes, r->axis_count, r->axis_capacity);
    r->axes[r->axis_count] = (struct fact){NULL, NULL};
    counted = host_fact(g->candidate.environment, "counted");
    r->count_kernel = counted && strstr(counted, "kernel");
    r->isolate = host_fact(g->candidate.environment, "isolate") != NULL;
    return 0;
}

void rerun_free(struct rerun *r)
{
    for (size_t i = 0; i < r->axis_count; i++) {
        free(r->axes[i].name);
        free(r->axes[i].value);
    }
    free(r->axes);
    free(r->pass);
    for (int which = RERUN_OLD; which <= RERUN_NEW; which++) {
        free(r->sides[which].program);
        free(r->sides[which].script);
        free(r->sides[which].references);
        kept_command_free(&r->sides[which].command);
    }
    *r = (struct rerun){.item = r->item};
}

double rerun_median(const struct launch_outcome *out, const struct gate_metric *metric, const char **why)
{
    double *values = mem_new(out->sample_count + 1, sizeof *values), median;
    size_t n = 0, suspect = 0;
    bool doubtful;

    for (size_t i = 0; i < out->sample_count && out->result.status == LAUNCH_DONE; i++) {
        const struct sample *s = &out->samples[i];

        if (strcmp(s->metric, metric->name) || s->quality == QUALITY_UNAVAILABLE)
            continue;
        suspect += s->quality == QUALITY_SUSPECT;
        *why = s->quality == QUALITY_SUSPECT && s->reason && *s->reason ? s->reason : *why;
        if (s->quality != QUALITY_SUSPECT)
            values[n++] = s->repetition < 0 ? s->value : s->value / (double)(out->result.inner ? out->result.inner : 1);
    }
    doubtful = metric->duration ? suspect >= n : suspect > 0;
    median = n == 0 || doubtful ? NAN : stats_median(values, n);
    free(values);
    return median;
}

static int store_outcome(struct gate *g, const struct rerun *r, enum rerun_side which, int number,
                         const struct launch_outcome *out, struct err *e)
{
    struct launch_row row = {
        .point = r->item->point->id, .number = number, .pass = which == RERUN_OLD ? GATE_PASS_OLD : GATE_PASS_NEW};

    for (size_t i = 0; i < out->metric_count; i++) {
        if (store_metric(g->store, &out->metrics[i], e))
            return -1;
    }
    return store_launch_extra(g->store, g->candidate.run, &row, &out->result, out->samples, out->sample_count, e);
}

static void take_outcome(struct rerun *r, enum rerun_side which, const struct launch_outcome *out)
{
    const char *why = NULL;
    double median = rerun_median(out, r->item->metric, &why);

    if (isfinite(median))
        r->medians[which][r->counts[which]++] = median;
    else if (out->result.status == LAUNCH_DONE)
        gate_reason(r->item, "measuring again failed: %s could not be measured%s%s", r->item->metric->name,
                    why ? ": " : "", why ? why : "");
    else
        gate_reason(r->item, "measuring again failed: %s",
                    out->result.reason && *out->result.reason ? out->result.reason
                                                              : launch_status_name(out->result.status));
}

/* One try; `disturbed`: it was measured, but most of its times cannot be trusted. */
static int launch_once(struct gate *g, struct rerun *r, enum rerun_side which, int number, uint64_t layout,
                       bool *disturbed, struct err *e)
{
    const struct gate_point *p = r->item->point;
    const struct contestant *c = &r->sides[which];
    const size_t before = r->counts[which];
    struct launch_outcome out = {0};
    struct launch_spec spec = {
        .program = c->program,
        .point = p->text,
        .kernel = p->kernel,
        .variant = p->variant,
        .axes = r->axes,
        .pass = r->pass ? r->pass : "",
        .number = number,
        .inner = r->inner,
        .min_repetitions = r->repetitions,
        .max_repetitions = r->repetitions,
        .seed = text_hash(p->kernel, strlen(p->kernel), 0), /* the problem of the stored launches */
        .layout_seed = layout,
        .reference_folder = c->references,
        .fake_script = c->script,
        .count_kernel = r->count_kernel,
        .isolate = r->isolate,
        .timeout_s = c->command.argv ? COMMAND_TIMEOUT_S : 0,
        .command = c->command.argv,
        .verify = c->command.verify,
    };
    int failed;

    if (launch_execute(&spec, &out, e))
        return -1;
    take_outcome(r, which, &out);
    *disturbed = out.result.status == LAUNCH_DONE && r->counts[which] == before && r->item->metric->duration;
    failed = store_outcome(g, r, which, number, &out, e);
    launch_outcome_free(&out);
    return failed;
}

int rerun_launch(struct gate *g, struct rerun *r, enum rerun_side which, int number, uint64_t layout, struct err *e)
{
    bool disturbed = true;

    /* What a hypervisor takes away now it need not take next time; a script would say the same again. */
    for (int i = 0; i < TRIES && disturbed; i++) {
        if (launch_once(g, r, which, number, layout, &disturbed, e))
            return -1;
        disturbed = disturbed && !r->sides[which].script;
    }
    return 0;
}

int rerun_pair(struct gate *g, struct rerun *r, bool old_first, int number, uint64_t *seed, bool *well, struct err *e)
{
    enum rerun_side first = old_first ? RERUN_OLD : RERUN_NEW, second = old_first ? RERUN_NEW : RERUN_OLD;
    const size_t before[2] = {r->counts[RERUN_OLD], r->counts[RERUN_NEW]};
    uint64_t layout = stats_random(seed);

    if (rerun_launch(g, r, first, number, layout, e) || rerun_launch(g, r, second, number, layout, e))
        return -1;
    *well = r->counts[RERUN_OLD] == before[RERUN_OLD] + 1 && r->counts[RERUN_NEW] == before[RERUN_NEW] + 1;
    return 0;
}

int rerun_block(struct gate *g, struct rerun *r, size_t look, uint64_t *seed, bool *well, struct err *e)
{
    bool turns[2 * SEQUENTIAL_MOST];
    size_t before = sequential_launches(look), n = sequential_turns(look, turns, seed), made[2] = {before, before};

    *well = true;
    for (size_t i = 0; i < n && *well; i++) {
        enum rerun_side which = turns[i] ? RERUN_NEW : RERUN_OLD;

        if (rerun_launch(g, r, which, r->number + (int)made[which], stats_random(seed), e))
            return -1;
        *well = r->counts[which] == ++made[which];
    }
    return 0;
}
