/* Reads what calibrations found, one line per metric. See trust.h. */
#include "trust.h"

#include "base/mem.h"
#include "calibrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a metric come worst first. */
#define COLUMNS "SELECT c.metric, c.verdict, c.expected, c.measured, c.error, c.point FROM calibration c "
#define ORDER                                                                                                          \
    " ORDER BY c.metric, CASE c.verdict WHEN 'wrong' THEN 0 WHEN 'right' THEN 1 WHEN 'unknown' THEN 2 ELSE 3 END,"     \
    " abs(c.error) DESC, c.point"

static char *words_of(const struct calibration_row *r, const char *error)
{
    return *error && (!strcmp(r->verdict, "wrong") || !strcmp(r->verdict, "right"))
               ? mem_format("%s, %s", r->verdict, error)
               : mem_copy(r->verdict);
}

static int take(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct trust *t = user;
    struct calibration_row r = {
        .verdict = c[1].text, .expected = c[2].number, .measured = c[3].number, .error = c[4].number};
    bool wrong = !strcmp(c[1].text, "wrong");
    char error[40];

    (void)count;
    (void)e;
    if (t->count && !strcmp(t->events[t->count - 1].metric, c[0].text))
        return 0;
    calibration_error_words(&r, error, sizeof error);
    VEC_ROOM(t->events, t->count, t->capacity);
    t->events[t->count++] = (struct trust_event){
        .metric = mem_copy(c[0].text),
        .verdict = mem_copy(c[1].text),
        .words = words_of(&r, error),
        .reason = wrong ? mem_format("it counts %s where the count is known (%s)", error, c[5].text) : NULL};
    return 0;
}

int trust_of_run(struct store *s, int64_t run, struct trust *out, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id};

    *out = (struct trust){0};
    snprintf(id, sizeof id, "%" PRId64, run);
    return store_query(s,
                       COLUMNS "JOIN run r ON r.id = ?1 JOIN machine m ON m.id = r.machine JOIN environment v"
                               " ON v.id = r.environment WHERE c.machine = m.name AND c.scripted = r.scripted"
                               " AND c.fingerprint = cm_fingerprint(m.facts, v.facts)" ORDER,
                       parameters, 1, take, out, e);
}

int trust_of_host(struct store *s, const struct host *h, bool scripted, struct trust *out, struct err *e)
{
    const char *const parameters[] = {h->machine_name, h->machine_fingerprint, scripted ? "1" : "0"};

    *out = (struct trust){0};
    return store_query(s, COLUMNS "WHERE c.machine = ?1 AND c.fingerprint = ?2 AND c.scripted = ?3" ORDER, parameters,
                       3, take, out, e);
}

void trust_free(struct trust *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->events[i].metric);
        free(t->events[i].verdict);
        free(t->events[i].words);
        free(t->events[i].reason);
    }
    free(t->events);
    *t = (struct trust){0};
}

static int by_metric(const void *key, const void *event)
{
    return strcmp(key, ((const struct trust_event *)event)->metric);
}

const struct trust_event *trust_find(const struct trust *t, const char *metric)
{
    return t->count ? bsearch(metric, t->events, t->count, sizeof *t->events, by_metric) : NULL;
}

bool trust_is_wrong(const struct trust_event *event)
{
    return event && !strcmp(event->verdict, "wrong");
}
