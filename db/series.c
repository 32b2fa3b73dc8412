/*
 * Whose history it is and in which order it runs: see series.h. Reading the series themselves is series_read.c.
 */
#include "series.h"

#include "commit_graph.h"

#include "../harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHARDS = 256 }; /* of a plan that are told apart */

/* What is gathered before it is put in order. */
struct entry {
    struct series_run run;
    size_t place, from;                /* its commit; where it stands before it is in order */
    uint64_t shards[MOST_SHARDS / 64]; /* that are in it */
};

struct gathered {
    struct entry *entries;
    size_t count, capacity;
    struct series_member *members; /* index: into entries */
    size_t member_count, member_capacity;
    struct commit_place *places;
    size_t place_count, place_capacity;
    struct id_cache commits, groups; /* a commit's place; a run group's entry */
};

static void free_run(struct series_run *r)
{
    char *texts[] = {r->commit, r->subject, r->branch, r->plan, r->outcome};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
}

void series_home_free(struct series_home *home)
{
    for (size_t i = 0; i < home->count; i++)
        free_run(&home->runs[i]);
    free(home->runs);
    free(home->members);
    free(home->machine);
    free(home->branch);
    *home = (struct series_home){0};
}

static void forget(struct gathered *g)
{
    for (size_t i = 0; i < g->count; i++)
        free_run(&g->entries[i].run);
    for (size_t i = 0; i < g->place_count; i++)
        free(g->places[i].commit);
    free(g->entries);
    free(g->members);
    free(g->places);
    cache_clear(&g->commits);
    cache_clear(&g->groups);
}

/* The newest complete run says what was not asked for. ?1, ?2: NULL asks for nothing. */
static int choose(struct store *s, const char *machine, const char *branch, struct series_home *home, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT m.name, b.branch, r.scripted FROM run r JOIN machine m ON m.id = r.machine "
                              "JOIN build b ON b.id = r.build WHERE r.status = 'complete' "
                              "AND (?1 IS NULL OR ?1 IN ('', m.name)) AND (?2 IS NULL OR ?2 IN ('', b.branch)) "
                              "ORDER BY r.started DESC, r.id DESC LIMIT 1",
                              e);
    int code;

    if (!q)
        return -1;
    sql_bind_text_or_null(q, 1, machine);
    sql_bind_text_or_null(q, 2, branch);
    code = sql_step(s, q, e, "reading runs");
    if (code == SQL_ROW) {
        home->machine = mem_copy(machine ? machine : sql_text(q, 0));
        home->branch = mem_copy(branch ? branch : sql_text(q, 1));
        home->scripted = sqlite3_column_int(q, 2) != 0;
    }
    sqlite3_reset(q);
    if (code != SQL_DONE)
        return code == SQL_ROW ? 0 : -1;
    return err_set(e, CM_NOTHING, "%s has no complete run%s%s%s%s: `countermark run` makes one", s->path,
                   machine && *machine ? " of machine " : "", machine ? machine : "",
                   branch && *branch ? " of branch " : "", branch ? branch : "");
}

/* Runs without a commit have a place of their own each. */
static size_t place_of(struct gathered *g, const char *commit, int64_t time)
{
    int64_t known;

    if (*commit && cache_find(&g->commits, commit, &known))
        return (size_t)known;
    VEC_ROOM(g->places, g->place_count, g->place_capacity);
    g->places[g->place_count] = (struct commit_place){mem_copy(commit), time};
    if (*commit)
        cache_add(&g->commits, commit, (int64_t)g->place_count);
    return g->place_count++;
}

static struct entry *add_entry(struct gathered *g)
{
    VEC_ROOM(g->entries, g->count, g->capacity);
    g->entries[g->count] = (struct entry){.from = g->count};
    return &g->entries[g->count++];
}

/* Is this shard in the entry already? It is from now on. */
static bool has_shard(struct entry *entry, int number)
{
    unsigned shard = (unsigned)number % MOST_SHARDS; /* whatever a file says */
    uint64_t *word = &entry->shards[shard / 64], bit = UINT64_C(1) << shard % 64;
    bool had = *word & bit;

    *word |= bit;
    return had;
}

/* A shard of a plan joins the entry of the shards before it: they come from old to new. A shard that is there already begins another
 * night of the same commit. */
static struct entry *entry_of(struct gathered *g, const char *group, int shard, int shards)
{
    int64_t known;
    struct entry *entry;

    if (shards > 1 && cache_find(&g->groups, group, &known) && (size_t)known < g->count &&
        !has_shard(&g->entries[known], shard)) {
        free_run(&g->entries[known].run);
        return &g->entries[known];
    }
    if (shards > 1)
        cache_add(&g->groups, group, (int64_t)g->count);
    entry = add_entry(g);
    has_shard(entry, shard);
    return entry;
}

static void take_run(struct gathered *g, sqlite3_stmt *q)
{
    struct entry *entry = entry_of(g, sql_text(q, 1), sqlite3_column_int(q, 12), sqlite3_column_int(q, 2));
    struct series_run *r = &entry->run;

    *r = (struct series_run){
        .id = sqlite3_column_int64(q, 0),
        .started = sqlite3_column_int64(q, 3),
        .plan = mem_copy(sql_text(q, 4)),
        .environment = sqlite3_column_int64(q, 5),
        .machine = sqlite3_column_int64(q, 6),
        .commit = mem_copy(sql_text(q, 7)),
        .subject = mem_copy(sql_text(q, 8)),
        .branch = mem_copy(sql_text(q, 9)),
        .commit_time = sqlite3_column_int64(q, 10),
        .dirty = sqlite3_column_int(q, 11) != 0,
    };
    entry->place = place_of(g, r->commit, *r->commit && r->commit_time ? r->commit_time : r->started);
    VEC_ROOM(g->members, g->member_count, g->member_capacity);
    g->members[g->member_count++] = (struct series_member){r->id, entry->from};
}

static int read_runs(struct store *s, const struct series_home *home, bool any_branch, struct gathered *g,
                     struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT r.id, r.run_group, r.shards, r.started, r.plan, r.environment, r.machine, "
                              "b.commit_id, b.subject, b.branch, b.commit_time, b.dirty, r.shard FROM run r "
                              "JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build "
                              "WHERE r.status = 'complete' AND r.scripted = ?3 AND ?1 IN ('', m.name) "
                              "AND (?4 OR b.branch = ?2) ORDER BY r.started, r.id",
                              e);
    int code;

    if (!q)
        return -1;
    sql_bind_text(q, 1, home->machine);
    sql_bind_text(q, 2, home->branch);
    sqlite3_bind_int(q, 3, home->scripted);
    sqlite3_bind_int(q, 4, any_branch);
    while ((code = sql_step(s, q, e, "reading runs")) == SQL_ROW)
        take_run(g, q);
    return code;
}

static void take_outcome(struct gathered *g, sqlite3_stmt *q)
{
    bool builds = strcmp(sql_text(q, 4), "unbuildable") != 0;
    const char *reason = sql_text(q, 5);
    struct entry *entry = add_entry(g);
    struct series_run *r = &entry->run;

    *r = (struct series_run){
        .commit = mem_copy(sql_text(q, 0)),
        .subject = mem_copy(sql_text(q, 1)),
        .branch = mem_copy(sql_text(q, 2)),
        .plan = mem_copy(""),
        .commit_time = sqlite3_column_int64(q, 3),
        .outcome = mem_format("%s%s%s", builds ? "cannot run" : "does not build", *reason ? ": " : "", reason),
    };
    entry->place = place_of(g, r->commit, r->commit_time);
}

/* Commits that could not be measured and that belong here: wanted for this branch, or what a measured one descends from. */
static int read_outcomes(struct store *s, const struct series_home *home, bool any_branch,
                         const struct commit_graph *graph, struct gathered *g, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT o.commit_id, c.subject, c.branch, c.commit_time, o.status, o.reason "
                              "FROM commit_outcome o JOIN commits c ON c.commit_id = o.commit_id "
                              "WHERE o.status IN ('unbuildable', 'unrunnable') AND (?1 = '' OR o.machine IN ('', ?1)) "
                              "ORDER BY c.commit_time, o.commit_id, o.machine",
                              e);
    bool *reached = mem_new(graph->count + 1, sizeof *reached);
    int64_t known;
    int code = SQL_ERROR;

    for (size_t i = 0; i < g->place_count; i++)
        if (*g->places[i].commit)
            commit_graph_reach(graph, commit_graph_find(graph, g->places[i].commit), reached);
    if (q)
        sql_bind_text(q, 1, home->machine);
    while (q && (code = sql_step(s, q, e, "reading commits")) == SQL_ROW) {
        size_t node = commit_graph_find(graph, sql_text(q, 0));
        bool here = any_branch || !strcmp(sql_text(q, 2), home->branch) || (node != COMMIT_UNKNOWN && reached[node]);

        if (here && !cache_find(&g->commits, sql_text(q, 0), &known))
            take_outcome(g, q);
    }
    free(reached);
    return code;
}

static int compare_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* `place` is the rank by now. */
static int compare_entry(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by = compare_number((int64_t)x->place, (int64_t)y->place);

    by = by ? by : (int)x->run.dirty - (int)y->run.dirty;
    by = by ? by : compare_number(x->run.started, y->run.started);
    return by ? by : compare_number(x->run.id, y->run.id);
}

static int compare_member(const void *a, const void *b)
{
    return compare_number(((const struct series_member *)a)->run, ((const struct series_member *)b)->run);
}

static void put_in_order(struct gathered *g, const struct commit_graph *graph, struct series_home *home)
{
    size_t *rank = mem_new(g->place_count + 1, sizeof *rank), *now = mem_new(g->count + 1, sizeof *now);

    commit_graph_order(graph, g->places, g->place_count, rank);
    for (size_t i = 0; i < g->count; i++)
        g->entries[i].place = rank[g->entries[i].place];
    if (g->count)
        qsort(g->entries, g->count, sizeof *g->entries, compare_entry);
    home->runs = mem_new(g->count + 1, sizeof *home->runs);
    home->count = home->capacity = g->count;
    for (size_t i = 0; i < g->count; i++) {
        home->runs[i] = g->entries[i].run;
        now[g->entries[i].from] = i;
    }
    g->count = 0; /* its texts moved */
    for (size_t i = 0; i < g->member_count; i++)
        g->members[i].index = now[g->members[i].index];
    if (g->member_count)
        qsort(g->members, g->member_count, sizeof *g->members, compare_member);
    home->members = g->members;
    home->member_count = g->member_count;
    g->members = NULL;
    free(rank);
    free(now);
}

int series_home_load(struct store *s, const char *machine, const char *branch, struct series_home *home, struct err *e)
{
    bool any_branch = branch && !*branch; /* that of a run without a repository is "", too, and is meant exactly */
    struct commit_graph graph = {0};
    struct gathered g = {0};
    int result;

    *home = (struct series_home){0};
    result = choose(s, machine, branch, home, e);
    if (!result)
        result = commit_graph_load(s, &graph, e);
    if (!result)
        result = read_runs(s, home, any_branch, &g, e);
    if (!result)
        result = read_outcomes(s, home, any_branch, &graph, &g, e);
    if (!result)
        put_in_order(&g, &graph, home);
    forget(&g);
    commit_graph_free(&graph);
    if (result)
        series_home_free(home);
    return result;
}
