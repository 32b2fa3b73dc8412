/*
 * `countermark list metrics|groups --chip NAME`: what a GPU could count, told by its collector from the vendor's library. Neither
 * the GPU nor a driver is needed.
 */
#include "../collectors/collector.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

static const char *const metric_columns[] = {"metric", "unit", "counted", "meaning", NULL};
static const char *const group_columns[] = {"group", "passes", "launches", "missing", "summary", "metrics", NULL};

/* Where a column stands in a collector's line: the long list of a group's metrics goes last. */
static const size_t metric_order[] = {0, 1, 2, 3};
static const size_t group_order[] = {0, 1, 2, 4, 5, 3};

/* A collector's line: cells parted by tabs, as many as there are columns. */
static int add_line(struct list *l, const size_t *order, const char *collector, const char *line, struct err *e)
{
    size_t count;
    char **cells = text_split(line, '\t', &count);
    int failed = 0;

    if (count != l->column_count)
        failed = err_set(e, CM_INTERNAL, "the collector %s tells a line of %zu parts instead of %zu: %.60s", collector,
                         count, l->column_count, line);
    for (size_t i = 0; i < count && !failed; i++) {
        text_disarm(cells[order[i]], false); /* a vendor's words */
        list_add(l, mem_copy(cells[order[i]]));
    }
    free(cells);
    return failed;
}

static int add_collector(struct list *l, bool groups, const char *collector, const char *chip, struct err *e)
{
    struct text_list lists[2] = {0}; /* metrics, groups */
    int failed = launch_collector_model(collector, chip, &lists[0], &lists[1], e);

    for (size_t i = 0; i < lists[groups].count && !failed; i++)
        failed = add_line(l, groups ? group_order : metric_order, collector, lists[groups].items[i], e);
    text_list_free(&lists[0]);
    text_list_free(&lists[1]);
    return failed;
}

int list_make_chip(const char *kind, const char *chip, struct list *out, struct err *e)
{
    bool groups = !strcmp(kind, "groups"), asked = false;
    int failed = 0;

    *out = (struct list){0};
    if (!groups && strcmp(kind, "metrics") != 0)
        return err_set(e, CM_USAGE, "--chip tells metrics or groups, not %s: countermark list groups --chip %s", kind,
                       chip);
    if (!*chip)
        return err_set(e, CM_USAGE, "--chip needs the name of a chip, such as GH100");
    list_columns(out, groups ? group_columns : metric_columns);
    for (const struct registry_collector *c = registry_collectors; c->name && !failed; c++) {
        if (!c->collector->model)
            continue;
        asked = true;
        failed = c->missing ? err_set(e, CM_NOTHING, "%s cannot tell what a chip counts: %s", c->name, c->missing)
                            : add_collector(out, groups, c->name, chip, e);
    }
    if (!asked)
        return err_set(e, CM_NOTHING, "no collector of this program knows chips; GPUs need a build with CUDA");
    return failed;
}
