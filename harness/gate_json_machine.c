/* The machine between two runs, for programs: what the anchors say, and which facts are others. See gate_json.c for the names. */
#include "gate_anchor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Facts come from files of the system: what is no UTF-8 is left out. */
static json_t *text(const char *value)
{
    json_t *json = value ? json_string(value) : NULL;

    return json ? json : json_null();
}

static json_t *anchor_json(const struct drift_part *p)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "anchor", text(p->name), "ratio", number(p->c.ratio), "low",
                     number(p->c.low), "high", number(p->c.high), "moved", p->moved);
}

json_t *gate_machine_json(const struct gate *g)
{
    json_t *list = json_array();

    for (size_t i = 0; i < g->drift_count; i++) {
        const struct gate_drift *d = &g->drifts[i];
        json_t *anchors = json_array();
        char *changed = gate_changed_words(d->baseline, &g->candidate, true);

        for (size_t k = 0; k < d->machine.count; k++)
            json_array_append_new(anchors, anchor_json(&d->machine.parts[k]));
        json_array_append_new(
            list, json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "baseline", (json_int_t)d->baseline->run,
                            "moved", d->machine.count ? json_boolean(d->machine.moved) : json_null(), "ratio",
                            number(d->machine.ratio), "low", number(d->machine.low), "high", number(d->machine.high),
                            "sentence", text(d->words), "changed", text(changed), "anchors", anchors));
        free(changed);
    }
    return list;
}

json_t *gate_beyond_json(const struct gate_item *item)
{
    double low, high;

    if (!item->drift)
        return json_null();
    drift_beyond(&item->drift->machine, item->stored_ratio, &low, &high);
    return json_pack("[f, f]", low, high);
}
