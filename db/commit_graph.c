/*
 * The graph of commits: see commit_graph.h.
 *
 * Order: every place that no other place descends from ends a line. Lines are walked in the order in which the places came, parents
 * before children, first parents first, so that what a merge brought stands together before the merge. A commit's time is never before
 * that of what stands before it in its line or of its parents, whatever the clock of its author said; so sorting all lines by that
 * time, and within one time by when they were walked, keeps every line in its order.
 */
#include "commit_graph.h"

#include "../harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

static int compare_node(const void *key, const void *node)
{
    return strcmp(key, ((const struct commit_node *)node)->commit);
}

size_t commit_graph_find(const struct commit_graph *g, const char *commit)
{
    const struct commit_node *found =
        g->count ? bsearch(commit, g->nodes, g->count, sizeof *g->nodes, compare_node) : NULL;

    return found ? (size_t)(found - g->nodes) : COMMIT_UNKNOWN;
}

/* "P1 P2" -> edges of the node. */
static void add_edges(struct commit_graph *g, size_t node, const char *parents)
{
    g->nodes[node].parent = g->edge_count;
    while (*parents) {
        size_t length = strcspn(parents, " ");
        char *commit = mem_copy_n(parents, length);

        VEC_ROOM(g->edges, g->edge_count, g->edge_capacity);
        g->edges[g->edge_count++] = commit_graph_find(g, commit);
        free(commit);
        parents += length + (parents[length] == ' ');
    }
    g->nodes[node].parents = g->edge_count - g->nodes[node].parent;
}

static int read_nodes(struct store *s, struct commit_graph *g, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT commit_id, subject, commit_time FROM commits ORDER BY commit_id", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading commits")) == SQL_ROW) {
        VEC_ROOM(g->nodes, g->count, g->capacity);
        g->nodes[g->count++] = (struct commit_node){.commit = mem_copy(sql_text(q, 0)),
                                                    .subject = mem_copy(sql_text(q, 1)),
                                                    .time = sqlite3_column_int64(q, 2)};
    }
    return code;
}

static int read_edges(struct store *s, struct commit_graph *g, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "SELECT commit_id, coalesce(parents, '') FROM commits", e);
    size_t node;
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(s, q, e, "reading commits")) == SQL_ROW)
        if ((node = commit_graph_find(g, sql_text(q, 0))) != COMMIT_UNKNOWN) /* else it came in between */
            add_edges(g, node, sql_text(q, 1));
    return code;
}

int commit_graph_load(struct store *s, struct commit_graph *g, struct err *e)
{
    *g = (struct commit_graph){0};
    if (!read_nodes(s, g, e) && !read_edges(s, g, e))
        return 0;
    commit_graph_free(g);
    return -1;
}

void commit_graph_free(struct commit_graph *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free(g->nodes[i].commit);
        free(g->nodes[i].subject);
    }
    free(g->nodes);
    free(g->edges);
    *g = (struct commit_graph){0};
}

void commit_graph_reach(const struct commit_graph *g, size_t node, bool *reached)
{
    size_t *stack, count = 0;

    if (node == COMMIT_UNKNOWN || reached[node])
        return;
    stack = mem_new(g->count, sizeof *stack); /* each node is put on it once */
    reached[node] = true;
    stack[count++] = node;
    while (count) {
        const struct commit_node *n = &g->nodes[stack[--count]];

        for (size_t i = 0; i < n->parents; i++) {
            size_t parent = g->edges[n->parent + i];

            if (parent != COMMIT_UNKNOWN && !reached[parent]) {
                reached[parent] = true;
                stack[count++] = parent;
            }
        }
    }
    free(stack);
}

/* A node of the graph, or one of a place that the graph does not know. */
struct stop {
    int64_t time; /* own, then not before what stands before it */
    size_t number;
    size_t next; /* parent to look at; while it is being walked */
    bool walked, inner;
};

struct walk {
    const struct commit_graph *g;
    struct stop *stops; /* the graph's nodes, then one per place */
    size_t *stack, count;
    size_t numbers;
    int64_t latest; /* of the line so far */
};

static void finish(struct walk *w, size_t at)
{
    struct stop *stop = &w->stops[at];

    if (stop->time < w->latest)
        stop->time = w->latest;
    for (size_t i = 0; at < w->g->count && i < w->g->nodes[at].parents; i++) {
        size_t parent = w->g->edges[w->g->nodes[at].parent + i];

        if (parent != COMMIT_UNKNOWN && w->stops[parent].time > stop->time)
            stop->time = w->stops[parent].time;
    }
    w->latest = stop->time;
    stop->number = w->numbers++;
}

/* One line: all that the tip descends from and that no line had before, then the tip. */
static void walk_line(struct walk *w, size_t tip)
{
    w->latest = INT64_MIN;
    w->stops[tip].walked = true;
    w->stack[w->count++] = tip;
    while (w->count) {
        size_t at = w->stack[w->count - 1], parent;

        if (at >= w->g->count || w->stops[at].next == w->g->nodes[at].parents) {
            finish(w, at);
            w->count--;
            continue;
        }
        parent = w->g->edges[w->g->nodes[at].parent + w->stops[at].next++];
        if (parent != COMMIT_UNKNOWN && !w->stops[parent].walked) {
            w->stops[parent].walked = true;
            w->stack[w->count++] = parent;
        }
    }
}

/* What another place descends from is no tip. */
static void mark_inner(const struct commit_graph *g, const size_t *at, size_t count, struct stop *stops)
{
    bool *reached = mem_new(g->count + 1, sizeof *reached);

    for (size_t i = 0; i < count; i++) {
        const struct commit_node *n = at[i] < g->count ? &g->nodes[at[i]] : NULL;

        for (size_t k = 0; n && k < n->parents; k++)
            commit_graph_reach(g, g->edges[n->parent + k], reached);
    }
    for (size_t i = 0; i < g->count; i++)
        stops[i].inner = reached[i];
    free(reached);
}

static int compare_place(const void *a, const void *b, void *user)
{
    const struct walk *w = user;
    const struct stop *x = &w->stops[*(const size_t *)a], *y = &w->stops[*(const size_t *)b];

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static struct stop *make_stops(const struct commit_graph *g, const struct commit_place *places, size_t count,
                               size_t *at)
{
    struct stop *stops = mem_new(g->count + count + 1, sizeof *stops);

    for (size_t i = 0; i < g->count; i++)
        stops[i].time = g->nodes[i].time;
    for (size_t i = 0; i < count; i++) {
        at[i] = *places[i].commit ? commit_graph_find(g, places[i].commit) : COMMIT_UNKNOWN;
        if (at[i] == COMMIT_UNKNOWN)
            at[i] = g->count + i;
        if (!stops[at[i]].time)
            stops[at[i]].time = places[i].time;
    }
    mark_inner(g, at, count, stops);
    return stops;
}

void commit_graph_order(const struct commit_graph *g, const struct commit_place *places, size_t count, size_t *rank)
{
    size_t *at = mem_new(2 * count + 1, sizeof *at), *order = at + count;
    struct walk w = {.g = g, .stops = make_stops(g, places, count, at)};

    w.stack = mem_new(g->count + count + 1, sizeof *w.stack);
    for (size_t i = 0; i < count; i++)
        if (!w.stops[at[i]].inner && !w.stops[at[i]].walked)
            walk_line(&w, at[i]);
    memcpy(order, at, count * sizeof *order);
    qsort_r(order, count, sizeof *order, compare_place, &w);
    /* the position by stop; `next` is free again */
    for (size_t i = 0; i < count; i++)
        w.stops[order[i]].next = i;
    for (size_t i = 0; i < count; i++)
        rank[i] = w.stops[at[i]].next;
    free(w.stack);
    free(w.stops);
    free(at);
}
