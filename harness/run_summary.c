/*
 * What a run found, point by point: time per element, speed-up over the kernel's serial variant, verification, failures. Read
 * from the store, so that it says what is stored.
 */
#include "base/mem.h"
#include "base/text.h"
#include "run.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One plan point with what the store says of it. */
struct line {
    const struct plan_point *point;
    bool found;
    int done, wrong, failed, unavailable, match;
    double deviations, elements;
    double time, low, high, launches; /* ns per execution */
    double instructions;
    double speed_up; /* NaN without a serial counterpart */
    char *reason;
};

struct summary {
    const struct run_outcome *o;
    struct line *lines; /* as many as points, in their order */
    bool has_instructions, has_speed_up;
};

static int by_text(const void *key, const void *point)
{
    return strcmp(key, ((const struct plan_point *)point)->text);
}

static int take_point(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct summary *s = user;
    const struct plan *p = &s->o->plan;
    const struct plan_point *found;
    struct line *l;

    (void)e;
    if (count < 14 || !c[0].text)
        return 0;
    found = bsearch(c[0].text, p->points, p->point_count, sizeof *p->points, by_text);
    if (!found)
        return 0;
    l = &s->lines[found - p->points];
    free(l->reason);
    *l = (struct line){
        .point = found,
        .found = true,
        .done = (int)c[1].number,
        .wrong = (int)c[2].number,
        .failed = (int)c[3].number,
        .unavailable = (int)c[4].number,
        .match = isnan(c[5].number) ? -1 : (int)c[5].number,
        .deviations = c[6].number,
        .elements = c[7].number,
        .reason = mem_copy(c[8].text),
        .time = c[9].number,
        .low = c[10].number,
        .high = c[11].number,
        .launches = c[12].number,
        .instructions = c[13].number,
        .speed_up = NAN,
    };
    s->has_instructions = s->has_instructions || !isnan(l->instructions);
    return 0;
}

static bool same_problem(const struct plan_point *a, const struct plan_point *b)
{
    for (const struct axis *axis = a->kernel_row->kernel->axes; axis && axis->name; axis++) {
        const char *x = host_fact(a->axes, axis->name), *y = host_fact(b->axes, axis->name);

        if (!x || !y || strcmp(x, y))
            return false;
    }
    return true;
}

/* What is not right has no speed: neither as the serial variant nor beside it. */
static bool is_right(const struct line *l)
{
    return l->time > 0 && !l->wrong && l->match >= 0 && l->match != MATCH_WRONG;
}

static void find_speed_ups(struct summary *s)
{
    const struct plan *p = &s->o->plan;

    for (size_t i = 0; i < p->point_count; i++)
        for (size_t j = 0; j < p->point_count && p->points[i].kernel_row; j++) {
            if (p->points[j].kernel_row != p->points[i].kernel_row || strcmp(p->points[j].variant, "serial") ||
                !same_problem(&p->points[i], &p->points[j]) || !is_right(&s->lines[i]) || !is_right(&s->lines[j]))
                continue;
            s->lines[i].speed_up = s->lines[j].time / s->lines[i].time;
            s->has_speed_up = s->has_speed_up || !isnan(s->lines[i].speed_up);
        }
}

static int read_summary(struct summary *s, const char *database, struct err *e)
{
    struct store *store = NULL;
    char run[24];
    const char *parameters[] = {run};
    int failed = store_open(&store, database, STORE_READ, e);

    s->lines = mem_new(s->o->plan.point_count + 1, sizeof *s->lines);
    for (size_t i = 0; i < s->o->plan.point_count; i++)
        s->lines[i] = (struct line){.point = &s->o->plan.points[i],
                                    .match = -1,
                                    .time = NAN,
                                    .instructions = NAN,
                                    .speed_up = NAN,
                                    .elements = NAN};
    snprintf(run, sizeof run, "%" PRId64, s->o->run);
    if (!failed)
        failed =
            store_query(store,
                        "SELECT v.point, v.done, v.wrong, v.failed, v.unavailable, v.match, v.deviations, v.elements,"
                        " v.reason, t.median, t.low, t.high, t.n, coalesce(i.median, c.median) FROM v_points v"
                        " LEFT JOIN summary t ON t.run = v.run AND t.point = v.point_id AND t.metric ="
                        " (SELECT id FROM metric WHERE name = 'wall.time')"
                        " LEFT JOIN summary i ON i.run = v.run AND i.point = v.point_id AND i.metric ="
                        " (SELECT id FROM metric WHERE name = 'papi.PAPI_TOT_INS')"
                        " LEFT JOIN summary c ON c.run = v.run AND c.point = v.point_id AND c.metric ="
                        " (SELECT id FROM metric WHERE name = 'callgrind.instructions') WHERE v.run = ?1",
                        parameters, 1, take_point, s, e);
    store_close(store);
    if (!failed)
        find_speed_ups(s);
    return failed;
}

static void summary_free(struct summary *s)
{
    for (size_t i = 0; i < s->o->plan.point_count; i++)
        free(s->lines[i].reason);
    free(s->lines);
}

static const char *class_words(const struct line *l, char *out, size_t size)
{
    if (l->wrong)
        snprintf(out, size, "WRONG: %s", l->reason ? l->reason : "");
    else if (l->failed)
        snprintf(out, size, "%s%d launch%s failed: %s", l->done ? "" : "not measured, ", l->failed,
                 l->failed == 1 ? "" : "es", l->reason ? l->reason : "");
    else if (!l->done && l->unavailable)
        snprintf(out, size, "cannot run here: %s", l->reason ? l->reason : "");
    else if (!l->done)
        snprintf(out, size, "not measured%s%s", l->reason ? ": " : " yet", l->reason ? l->reason : "");
    else if (l->match == MATCH_SAME_BITS)
        snprintf(out, size, "same bits");
    else if (l->match == MATCH_TOLERANCE)
        snprintf(out, size, "within tolerance, %.0f deviate", l->deviations);
    else
        snprintf(out, size, "not verified");
    return out;
}

static const char *per_element(const struct line *l, double value, const char *unit, char *out, size_t size)
{
    double elements = l->elements > 0 ? l->elements : 1;

    if (isnan(value))
        return "-";
    if (!strcmp(unit, "ns"))
        return text_quantity(value / elements, "ns", out, size);
    snprintf(out, size, "%.4g", value / elements);
    return out;
}

static size_t longest_text(const struct plan *p)
{
    size_t longest = 5;

    for (size_t i = 0; i < p->point_count; i++)
        if (!p->points[i].anchor && strlen(p->points[i].text) > longest)
            longest = strlen(p->points[i].text);
    return longest;
}

/* As people count: size=512 before size=1024. */
static int by_size(const void *a, const void *b)
{
    const struct line *const *x = a, *const *y = b;

    return strverscmp((*x)->point->text, (*y)->point->text);
}

static const struct line **in_order(const struct summary *s)
{
    size_t count = s->o->plan.point_count;
    const struct line **list = mem_new(count + 1, sizeof *list);

    for (size_t i = 0; i < count; i++)
        list[i] = &s->lines[i];
    qsort(list, count, sizeof *list, by_size);
    return list;
}

static void add_table(const struct summary *s, struct buf *out)
{
    int width = (int)longest_text(&s->o->plan);
    const struct line **lines = in_order(s);
    char time[40], ratio[40], ins[40], class[400];

    buf_addf(out, "  %-*s  %12s", width, "point", "time/element");
    if (s->has_speed_up)
        buf_addf(out, "  %8s", "speed-up");
    if (s->has_instructions)
        buf_addf(out, "  %13s", "instr/element");
    buf_add(out, "  result\n");
    for (size_t i = 0; i < s->o->plan.point_count; i++) {
        const struct line *l = lines[i];

        if (l->point->anchor)
            continue;
        buf_addf(out, "  %-*s  %12s", width, l->point->text, per_element(l, l->time, "ns", time, sizeof time));
        snprintf(ratio, sizeof ratio, isnan(l->speed_up) ? "-" : "%.3gx", l->speed_up);
        if (s->has_speed_up)
            buf_addf(out, "  %8s", ratio);
        if (s->has_instructions)
            buf_addf(out, "  %13s", per_element(l, l->instructions, "1", ins, sizeof ins));
        buf_addf(out, "  %s\n", class_words(l, class, sizeof class));
    }
    free(lines);
}

static const char *elements_hint(const struct plan *p, struct buf *b)
{
    const struct registry_kernel *last = NULL;

    for (size_t i = 0; i < p->point_count; i++) {
        const struct registry_kernel *k = p->points[i].kernel_row;

        if (p->points[i].anchor)
            continue;
        if (k && k != last)
            buf_addf(b, "%s%s: %s", b->length ? ", " : "", k->name, k->kernel->element);
        if (!k && !b->length) /* a program of the user's: nothing else is in such a plan */
            buf_addf(b, "%s: execution", p->points[i].kernel);
        last = k;
    }
    return buf_text(b);
}

static size_t count_anchors(const struct plan *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->launch_count; i++)
        n += p->points[p->launches[i].point].anchor;
    return n;
}

static void add_totals(const struct run_outcome *o, struct buf *out)
{
    size_t anchors = count_anchors(&o->plan);
    char wall[40];

    buf_addf(out, "%zu of %zu launches measured", o->done, o->plan.launch_count - anchors);
    if (anchors)
        buf_addf(out, " plus %zu of %zu of the anchors", o->anchors.done, anchors);
    if (o->wrong)
        buf_addf(out, ", %zu wrong", o->wrong);
    if (o->failed)
        buf_addf(out, ", %zu failed", o->failed);
    if (o->unavailable > o->uncounted)
        buf_addf(out, ", %zu of points that cannot run here", o->unavailable - o->uncounted);
    if (o->uncounted)
        buf_addf(out, ", %zu counter launch%s in vain", o->uncounted, o->uncounted == 1 ? "" : "es");
    if (o->skipped)
        buf_addf(out, ", %zu cut by the budget", o->skipped);
    if (o->left)
        buf_addf(out, ", %zu not run yet", o->left);
    if (!o->nothing_missing && o->wall_s > 0)
        buf_addf(out, "; %.0f %% of %s went into executing variants", 100 * o->executing_s / o->wall_s,
                 text_duration_words(o->wall_s, wall, sizeof wall));
    buf_add(out, "\n");
}

int run_summary_text(const struct run_outcome *o, const char *database, struct buf *out, struct err *e)
{
    struct summary s = {.o = o};
    struct buf elements = {0};
    int failed = read_summary(&s, database, e);

    if (!failed) {
        buf_addf(out, "run %" PRId64 " in %s: plan %s on %s", o->run, database, o->plan.name, o->host.machine_name);
        if (*o->host.commit)
            buf_addf(out, ", commit %.10s%s", o->host.commit, o->host.dirty ? " with local changes" : "");
        buf_add(out, o->scripted ? ", scripted\n" : "\n");
        add_table(&s, out);
        if (*elements_hint(&o->plan, &elements))
            buf_addf(out, "elements: %s\n", elements.text);
        add_totals(o, out);
    }
    buf_free(&elements);
    summary_free(&s);
    return failed;
}

static json_t *number_or_null(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *point_json(const struct line *l)
{
    static const char *const classes[] = {"same bits", "within tolerance", "wrong"};
    json_t *axes = json_object();
    const char *status = l->wrong         ? "wrong"
                         : l->failed      ? "failed"
                         : l->done        ? "done"
                         : l->unavailable ? "unavailable"
                                          : "left";
    double elements = l->elements > 0 ? l->elements : 1;

    for (const struct fact *f = l->point->axes; f->name; f++)
        json_object_set_new(axes, f->name, json_string(f->value));
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?}",
                     "point", l->point->text, "kernel", l->point->kernel, "variant", l->point->variant, "axes", axes,
                     "status", status, "launches_done", l->done, "launches_wrong", l->wrong, "launches_failed",
                     l->failed, "elements", number_or_null(l->elements), "time_ns", number_or_null(l->time),
                     "time_low_ns", number_or_null(l->low), "time_high_ns", number_or_null(l->high),
                     "time_per_element_ns", number_or_null(l->time / elements), "instructions",
                     number_or_null(l->instructions), "speed_up", number_or_null(l->speed_up), "verification",
                     l->match < 0 || l->match > 2 ? json_null() : json_string(classes[l->match]), "deviations",
                     l->match < 0 ? json_null() : number_or_null(l->deviations), "reason",
                     l->reason ? l->reason : l->point->unavailable);
}

int run_summary_json(const struct run_outcome *o, const char *database, struct buf *out, struct err *e)
{
    struct summary s = {.o = o};
    int failed = read_summary(&s, database, e);
    json_t *points = json_array(), *root;
    size_t anchors = count_anchors(&o->plan);
    char *text;

    for (size_t i = 0; !failed && i < o->plan.point_count; i++)
        if (!o->plan.points[i].anchor)
            json_array_append_new(points, point_json(&s.lines[i]));
    root =
        json_pack("{s:s, s:i, s:I, s:s, s:s, s:s, s:s, s:b, s:b, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:{s:I, s:I}, "
                  "s:f, s:f, s:i, "
                  "s:o}",
                  "document", "countermark run", "version", 1, "run", (json_int_t)o->run, "database", database, "plan",
                  o->plan.name, "machine", o->host.machine_name, "commit", o->host.commit, "dirty", o->host.dirty,
                  "scripted", o->scripted, "launches", "planned", (json_int_t)(o->plan.launch_count - anchors), "done",
                  (json_int_t)o->done, "wrong", (json_int_t)o->wrong, "failed", (json_int_t)o->failed, "unavailable",
                  (json_int_t)o->unavailable, "skipped", (json_int_t)o->skipped, "left", (json_int_t)o->left, "anchors",
                  "planned", (json_int_t)anchors, "done", (json_int_t)o->anchors.done, "wall_s", o->wall_s,
                  "executing_s", o->executing_s, "exit_code", run_exit_code(o), "points", points);
    text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    if (!failed && !text)
        failed = err_set(e, CM_INTERNAL, "the summary holds text that is no UTF-8");
    if (!failed)
        buf_addf(out, "%s\n", text);
    free(text);
    json_decref(root);
    summary_free(&s);
    return failed;
}
