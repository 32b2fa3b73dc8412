/* What differs between two runs besides their results: facts of machine, environment and build, and the machine code of points. */
#include "base/text.h"
#include "show.h"

#include <string.h>

static const char *word(const json_t *value)
{
    const char *text = json_string_value(value);

    return text ? text : json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "";
}

static void note(json_t *list, const char *what, const char *name, const json_t *left, const json_t *right)
{
    if (strcmp(word(left), word(right)) != 0 || !left != !right)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o}", "what", what, "name", name, "left",
                                              left ? json_string(word(left)) : json_null(), "right",
                                              right ? json_string(word(right)) : json_null()));
}

static void compare_facts(json_t *list, const char *what, json_t *left, json_t *right)
{
    const char *name;
    json_t *value;

    json_object_foreach(left, name, value)
    {
        note(list, what, name, value, json_object_get(right, name));
    }
    json_object_foreach(right, name, value)
    {
        if (!json_object_get(left, name))
            note(list, what, name, NULL, value);
    }
}

/* One part of the two runs: its plain texts and flags, then its facts. */
static void compare_part(json_t *list, const char *part, json_t *left, json_t *right)
{
    json_t *l = json_object_get(left, part), *r = json_object_get(right, part), *value;
    const char *name;

    json_object_foreach(l, name, value)
    {
        if (!json_is_object(value) && !json_is_number(value))
            note(list, part, name, value, json_object_get(r, name));
    }
    compare_facts(list, part, json_object_get(l, "facts"), json_object_get(r, "facts"));
}

static const json_t *find_point(const json_t *document, const char *name)
{
    const json_t *points = json_object_get(document, "points"), *point;
    size_t i;

    json_array_foreach(points, i, point)
    {
        if (!strcmp(word(json_object_get(point, "point")), name))
            return point;
    }
    return NULL;
}

/* Points are compared where both have them. */
static void compare_points(json_t *list, const json_t *left, const json_t *right)
{
    static const char *const fields[] = {"kernel_version", "variant_version", "code", "result"};
    const json_t *points = json_object_get(left, "points"), *point, *other;
    size_t i, k;

    json_array_foreach(points, i, point)
    {
        const char *name = word(json_object_get(point, "point"));

        other = find_point(right, name);
        for (k = 0; other && k < sizeof fields / sizeof *fields; k++)
            note(list, fields[k], name, json_object_get(point, fields[k]), json_object_get(other, fields[k]));
    }
}

static json_t *side(const json_t *document)
{
    const json_t *run = json_object_get(document, "run");

    return json_pack("{s:O, s:O, s:O, s:O}", "run", json_object_get(run, "run"), "started",
                     json_object_get(run, "started"), "commit",
                     json_object_get(json_object_get(document, "build"), "commit"), "machine",
                     json_object_get(json_object_get(document, "machine"), "name"));
}

json_t *show_differences(struct store *s, int64_t left, int64_t right, struct err *e)
{
    static const char *const parts[] = {"machine", "environment", "build"};
    const struct show_filter none = {.metrics = "-"};
    json_t *l = show_run(s, left, &none, e), *r = l ? show_run(s, right, &none, e) : NULL;
    json_t *list = json_array(), *document = NULL;
    size_t i;

    if (l && r) {
        for (i = 0; i < 3; i++)
            compare_part(list, parts[i], l, r);
        compare_points(list, l, r);
        document = json_pack("{s:s, s:o, s:o, s:O}", "kind", "differences", "left", side(l), "right", side(r),
                             "differences", list);
    }
    json_decref(list);
    json_decref(l);
    json_decref(r);
    return document;
}
