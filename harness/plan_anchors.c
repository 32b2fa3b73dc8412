/*
 * The anchors as points of a plan: every variant of a kernel with that role, whatever the plan and the request select. They take
 * turns with all other points, so that they see the machine that those see.
 */
#include "base/mem.h"
#include "plan_parts.h"

#include <string.h>

static bool has_axes(const struct axis *axes)
{
    return axes && axes->name;
}

static int add_anchor(const struct registry_kernel *k, const struct registry_variant *v, struct point_list *out,
                      struct err *e)
{
    const char *reason = plan_cannot_run(v);
    struct plan_point p = {.kernel = k->name, .variant = v->name, .kernel_row = k, .variant_row = v, .anchor = true};

    if (has_axes(k->kernel->axes) || has_axes(v->variant->axes))
        return err_set(e, CM_INTERNAL, "the anchor %s/%s has an axis, but its work must be the same everywhere",
                       k->name, v->name);
    p.axes = mem_new(1, sizeof *p.axes);
    p.text = plan_point_text(p.kernel, p.variant, p.axes, NULL, NULL);
    p.unavailable = reason ? mem_copy(reason) : NULL;
    return point_list_add(out, &p, e);
}

int plan_points_anchors(struct point_list *out, struct err *e)
{
    bool able = false;
    int failed = 0;

    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i].kernel_row && out->items[i].kernel_row->kernel->role != ROLE_WORK)
            return 0;
        able = able || !out->items[i].unavailable;
    }
    if (!able)
        return 0;
    for (const struct registry_variant *v = registry_variants; v->name && !failed; v++) {
        const struct registry_kernel *k = registry_kernel(v->kernel);

        if (k && k->kernel->role == ROLE_ANCHOR)
            failed = add_anchor(k, v, out, e);
    }
    return failed;
}
