/*
 * Who descends from whom, as far as it is stored: the order of a history, and what lies between two commits. Of this folder alone;
 * others ask store_commits_between and series_home_load.
 */
#ifndef DB_COMMIT_GRAPH_H
#define DB_COMMIT_GRAPH_H

#include "store_internal.h"

struct commit_node {
    char *commit, *subject;
    int64_t time;
    size_t parent, parents; /* its first one in `edges`, and how many */
};

struct commit_graph {
    struct commit_node *nodes; /* sorted by commit */
    size_t count, capacity;
    size_t *edges; /* indices of parents; COMMIT_UNKNOWN where nothing is stored of one */
    size_t edge_count, edge_capacity;
};

#define COMMIT_UNKNOWN SIZE_MAX

int commit_graph_load(struct store *s, struct commit_graph *g, struct err *e);
void commit_graph_free(struct commit_graph *g);
size_t commit_graph_find(const struct commit_graph *g, const char *commit); /* COMMIT_UNKNOWN */
/* Marks the node and all that it descends from. */
void commit_graph_reach(const struct commit_graph *g, size_t node, bool *reached);

/* What is to be put in order: a commit, or something of none ("") that stands by its time alone. */
struct commit_place {
    char *commit;
    int64_t time; /* where the graph knows none */
};
/* rank[i]: the position of places[i], from 0. Ancestors come first, a merged branch stands together before its merge; what is not
 * related goes by time, and where that is the same by the order in which the places come, which is from old to new. */
void commit_graph_order(const struct commit_graph *g, const struct commit_place *places, size_t count, size_t *rank);

#endif
