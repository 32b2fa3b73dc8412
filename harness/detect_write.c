/* What detect found, in words and as JSON. */
#include "base/text.h"
#include "detect.h"

#include <math.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* JSON is UTF-8; a file's name need not be. */
static json_t *name_json(const char *name)
{
    struct buf b = {0};
    json_t *json = json_string(name);

    for (; !json && *name; name++)
        buf_add_n(&b, (unsigned char)*name < 0x80 ? name : "?", 1);
    json = json ? json : json_string(buf_text(&b));
    buf_free(&b);
    return json;
}

static json_t *change_json(const struct change *c)
{
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", change_kind_name(c->kind), "index",
                     (json_int_t)c->index, "end", (json_int_t)c->end, "before", number(c->before), "after",
                     number(c->after), "ratio", number(c->ratio), "low", number(c->low), "high", number(c->high),
                     "confidence", number(c->confidence));
}

static const char *list_of(const struct change *c)
{
    static const char *const lists[] = {
        [CHANGE_STEP] = "change_points",
        [CHANGE_CREEP] = "creeps",
        [CHANGE_SPREAD] = "spread_changes",
        [CHANGE_MODES] = "modes",
    };

    return c->pending ? "pending" : lists[c->kind];
}

json_t *detect_json(const struct detect_series *s)
{
    json_t *json =
        json_pack("{s:o, s:I, s:I, s:[], s:[], s:[], s:[], s:[]}", "file", name_json(s->file), "n", (json_int_t)s->n,
                  "missing", (json_int_t)s->missing, "change_points", "pending", "creeps", "spread_changes", "modes");

    for (size_t i = 0; i < s->changes.count; i++) {
        const struct change *c = &s->changes.items[i];

        json_array_append_new(json_object_get(json, list_of(c)), change_json(c));
    }
    return json;
}

static void add_ratio(const struct change *c, struct buf *out)
{
    if (!isfinite(c->ratio))
        return;
    buf_addf(out, "  %+.3g %%", 100 * (c->ratio - 1));
    if (isfinite(c->low) && isfinite(c->high))
        buf_addf(out, " (95 %%: %+.3g to %+.3g)", 100 * (c->low - 1), 100 * (c->high - 1));
}

static void add_change(const struct change *c, struct buf *out)
{
    switch (c->kind) {
    case CHANGE_STEP: buf_addf(out, "  %zu: from %.6g to %.6g", c->index, c->before, c->after); break;
    case CHANGE_CREEP:
        buf_addf(out, "  %zu to %zu: crept from %.6g to %.6g", c->index, c->end, c->before, c->after);
        break;
    case CHANGE_SPREAD:
        buf_addf(out, "  %zu: the noise changed, its standard deviation from %.3g to %.3g", c->index, c->before,
                 c->after);
        break;
    case CHANGE_MODES:
        buf_addf(out, "  %zu: two groups of values, the share of the higher one from %.0f to %.0f %%", c->index,
                 100 * c->before, 100 * c->after);
        break;
    }
    if (c->kind != CHANGE_MODES)
        add_ratio(c, out);
    if (c->pending)
        buf_add(out, "  pending: too few values yet to be sure");
    else if (c->confidence > 0.99995)
        buf_add(out, "  confidence above 0.9999");
    else
        buf_addf(out, "  confidence %.4f", c->confidence);
    buf_add(out, "\n");
}

void detect_text(const struct detect_series *s, struct buf *out)
{
    buf_addf(out, "%s: %zu %s", strcmp(s->file, "-") ? s->file : "standard input", s->n,
             s->n == 1 ? "value" : "values");
    if (s->missing)
        buf_addf(out, ", %zu of them missing", s->missing);
    if (s->changes.count)
        buf_add(out, "\n");
    else if (s->n - s->missing < s->least)
        buf_addf(out, ", too few to tell: a step takes %zu\n", s->least);
    else
        buf_add(out, ", no change\n");
    for (size_t i = 0; i < s->changes.count; i++)
        add_change(&s->changes.items[i], out);
}
