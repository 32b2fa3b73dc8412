/* The findings of a history as people and programs read them; shared by cmd_history.c and its writers. */
#ifndef HARNESS_HISTORY_H
#define HARNESS_HISTORY_H

#include "../reports/findings.h"
#include "base/buf.h"

struct history_shown {
    const char *database;
    const char *since; /* as it was asked for, or NULL */
    bool all;          /* long lists whole, and what chance alone would show */
};

/* True if all series are of one point: then their levels are shown, too. */
bool history_is_one_point(const struct findings *f);
void history_write_text(const struct findings *f, const struct history_shown *o, struct buf *out);
void history_write_json(const struct findings *f, const struct history_shown *o, struct buf *out);
/* history_levels.c: of one point, metric by metric. */
void history_write_levels(const struct findings *f, struct buf *out);

#endif
