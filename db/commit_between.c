/* Which commits lie between two runs: see commit.h. */
#include "commit.h"

#include "commit_graph.h"

#include "../harness/base/mem.h"

#include <stdlib.h>

void commit_path_free(struct commit_path *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->items[i].commit);
        free(l->items[i].subject);
    }
    free(l->items);
    *l = (struct commit_path){0};
}

/* What is reached from the one and not from the other, in the order of history. */
static void collect(const struct commit_graph *g, const bool *with, const bool *without, struct commit_path *out)
{
    struct commit_place *places = mem_new(g->count, sizeof *places);
    size_t *nodes = mem_new(2 * g->count, sizeof *nodes), *rank = nodes + g->count, count = 0;

    for (size_t i = 0; i < g->count; i++) {
        if (!with[i] || without[i])
            continue;
        places[count] = (struct commit_place){g->nodes[i].commit, g->nodes[i].time};
        nodes[count++] = i;
    }
    commit_graph_order(g, places, count, rank);
    out->items = mem_new(count + 1, sizeof *out->items);
    out->count = out->capacity = count;
    for (size_t i = 0; i < count; i++) {
        const struct commit_node *n = &g->nodes[nodes[i]];

        out->items[rank[i]] = (struct commit_known){mem_copy(n->commit), mem_copy(n->subject), n->time};
    }
    free(places);
    free(nodes);
}

int store_commits_between(struct store *s, const char *older, const char *newer, struct commit_path *out, struct err *e)
{
    struct commit_graph g;
    size_t from, to;

    *out = (struct commit_path){0};
    if (commit_graph_load(s, &g, e))
        return -1;
    from = commit_graph_find(&g, older);
    to = commit_graph_find(&g, newer);
    if (from != COMMIT_UNKNOWN && to != COMMIT_UNKNOWN) {
        bool *with = mem_new(2 * g.count, sizeof *with), *without = with + g.count;

        commit_graph_reach(&g, to, with);
        commit_graph_reach(&g, from, without);
        if (with[from])
            collect(&g, with, without, out);
        free(with);
    }
    commit_graph_free(&g);
    return 0;
}
