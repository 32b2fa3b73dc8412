/* Typed and bounded access to the fields of a record: see record.h. */
#include "record.h"

#include "../harness/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_of(const json_t *r)
{
    const char *type = json_string_value(json_object_get(r, "type"));

    return type ? type : "record";
}

static int wrong(const json_t *r, const char *key, const char *want, struct err *e)
{
    return err_set(e, CM_INTERNAL, "the %.40s has no good '%s': %s", type_of(r), key, want);
}

int field_label(const json_t *r, const char *key, const char **text, struct err *e)
{
    *text = json_string_value(json_object_get(r, key));
    if (*text && name_ok(*text))
        return 0;
    wrong(r, key, "a text of one line is needed", e);
    return -1;
}

int field_name(const json_t *r, const char *key, const char **text, struct err *e)
{
    if (field_label(r, key, text, e))
        return -1;
    return **text ? 0 : wrong(r, key, "it is empty", e);
}

int field_text(const json_t *r, const char *key, const char **text, struct err *e)
{
    const json_t *value = json_object_get(r, key);

    *text = json_string_value(value);
    if (!value || json_is_null(value))
        return 0;
    if (!*text)
        return wrong(r, key, "a text is needed", e);
    if (strlen(*text) > RECORD_TEXT_LIMIT)
        return wrong(r, key, "the text is too long", e);
    return 0;
}

int field_integer(const json_t *r, const char *key, int64_t low, int64_t high, int64_t *value, struct err *e)
{
    const json_t *field = json_object_get(r, key);

    *value = json_integer_value(field);
    if (!json_is_integer(field) || *value < low || *value > high) {
        char want[100];

        snprintf(want, sizeof want, "a whole number from %" PRId64 " to %" PRId64 " is needed", low, high);
        return wrong(r, key, want, e);
    }
    return 0;
}

int field_integer_or(const json_t *r, const char *key, int64_t low, int64_t high, int64_t otherwise, int64_t *value,
                     struct err *e)
{
    const json_t *field = json_object_get(r, key);

    *value = otherwise;
    return field && !json_is_null(field) ? field_integer(r, key, low, high, value, e) : 0;
}

int field_number(const json_t *r, const char *key, double low, double *value, struct err *e)
{
    const json_t *field = json_object_get(r, key);

    *value = NAN;
    if (!field || json_is_null(field))
        return 0;
    *value = json_number_value(field);
    if (!json_is_number(field) || !isfinite(*value) || *value < low)
        return wrong(r, key, low >= 0 ? "a number that is not negative is needed" : "a number is needed", e);
    return 0;
}

int field_flag(const json_t *r, const char *key, bool *value, struct err *e)
{
    const json_t *field = json_object_get(r, key);

    *value = json_is_true(field);
    return json_is_boolean(field) ? 0 : wrong(r, key, "true or false is needed", e);
}

int field_word(const json_t *r, const char *key, const char *const *words, size_t count, size_t *index, struct err *e)
{
    const char *text = json_string_value(json_object_get(r, key));

    for (*index = 0; text && *index < count; ++*index)
        if (!strcmp(text, words[*index]))
            return 0;
    return wrong(r, key, "it is none of the known words", e);
}

int field_facts(const json_t *r, const char *key, char **json, struct err *e)
{
    json_t *object = json_object_get(r, key), *value;
    const char *name;

    *json = NULL;
    if (!json_is_object(object) || json_object_size(object) > RECORD_FACT_LIMIT)
        return wrong(r, key, "an object of texts is needed", e);
    json_object_foreach(object, name, value)
    {
        const char *text = json_string_value(value);

        if (!*name || !name_ok(name) || !text || strlen(text) > RECORD_TEXT_LIMIT)
            return wrong(r, key, "an object of texts is needed", e);
    }
    *json = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    return *json ? 0 : wrong(r, key, "it cannot be written again", e);
}
