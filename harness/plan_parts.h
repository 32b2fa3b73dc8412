/* What the plan's own files share: reading its text, making points, ordering launches. Nobody else includes this. */
#ifndef HARNESS_PLAN_PARTS_H
#define HARNESS_PLAN_PARTS_H

#include "plan.h"

struct point_list {
    struct plan_point *items;
    size_t count, capacity;
};

enum { PLAN_MAX_POINTS = 20000 };

/* Takes the point over. One that is there already is dropped, and the larger cost stays. */
int point_list_add(struct point_list *l, struct plan_point *p, struct err *e);

/* What the request's -s says of the axis (the last one wins), or NULL. */
const char *plan_override(const struct plan_request *q, const char *axis);

/* The points of the variants that the plan and the request select, of the request's program, or of the plan's programs. */
int plan_points_variants(const struct plan_request *q, const struct plan_text *t, const struct host *h,
                         struct point_list *out, struct err *e);
int plan_points_command(const struct plan_request *q, const struct host *h, struct point_list *out, struct err *e);
int plan_points_programs(const struct plan_request *q, const struct plan_text *t, const struct host *h,
                         struct point_list *out, struct err *e);
/* Is there a {axis} in a command of the plan? */
bool plan_program_mentions(const struct plan_text *t, const char *axis);

/* Adds the anchors. None where nothing can run, and none where the points themselves are such: what is asked for by name is no
 * anchor. */
int plan_points_anchors(struct point_list *out, struct err *e);

/* "AXIS=SWEEP" -> axis (free()) and sweep, or -1 with a sentence. */
int plan_split_sweep(const char *text, char **axis, const char **sweep, struct err *e);

/* Calls `each` with every combination: one value per axis, in the axes' order. */
struct plan_axis {
    const char *name;
    char **values; /* one block, from plan_values */
    size_t count;
};
typedef int plan_combination(const struct fact *axes, void *user, struct err *e);
int plan_combine(const struct plan_axis *axes, size_t count, plan_combination *each, void *user, struct err *e);

#endif
