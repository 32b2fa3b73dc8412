/* What layouts taught, for people: a row per point, the one that moves furthest first. */
#include "doctor_trust.h"

#include "base/text.h"
#include "doctor_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *share(const json_t *object, const char *key, char out[40])
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_number(value))
        return "-";
    if (json_number_value(value) < 5e-6)
        return "none";
    return text_percent(json_number_value(value), out, 40);
}

void doctor_layout_text(const json_t *document, struct buf *out)
{
    const json_t *points = json_object_get(document, "points"), *row;
    int width = doctor_width(points, "point"), programs = (int)json_array_size(json_object_get(document, "programs"));
    char words[48];
    size_t i;

    buf_addf(out, "machine %s: plan %s with %d programs of the same machine code in turns, in %s\n\n",
             doctor_string(document, "machine"), doctor_string(document, "plan"), programs,
             text_duration_words(json_number_value(json_object_get(document, "seconds")), words, sizeof words));
    buf_addf(out, "%-*s  %8s  %8s  %12s  %14s  %18s\n", width, "point", "programs", "launches", "launch noise",
             "layout beyond", "slowest to fastest");
    json_array_foreach(points, i, row)
    {
        char noise[40], layout[40], range[40];

        buf_addf(out, "%-*s  %8d  %8d  %12s  %14s  %18s\n", width, doctor_string(row, "point"),
                 (int)json_integer_value(json_object_get(row, "layouts")),
                 (int)json_integer_value(json_object_get(row, "launches")), share(row, "noise", noise),
                 share(row, "layout", layout), share(row, "range", range));
    }
    buf_addf(out, "\nstored in %s: a change of time that layout alone can make is no finding from now on\n",
             doctor_string(document, "database"));
}
