/* What a list of facts hashes to, as a struct and as the JSON that is stored: the same, since both are sorted by name. */
#include "store_internal.h"

#include "../harness/base/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_fact(const char *name, const char *value, uint64_t hash)
{
    hash = text_hash(name, strlen(name) + 1, hash);
    return text_hash(value, strlen(value) + 1, hash);
}

void fact_fingerprint(const struct fact *first, const struct fact *second, char hex[17])
{
    const struct fact *lists[] = {first, second};
    uint64_t hash = 0;

    for (size_t i = 0; i < 2; i++)
        for (const struct fact *f = lists[i]; f && f->name; f++)
            hash = hash_fact(f->name, f->value, hash);
    snprintf(hex, 17, "%016" PRIx64, hash);
}

void function_fingerprint(sqlite3_context *context, int count, sqlite3_value **values)
{
    char hex[17];
    uint64_t hash = 0;

    for (int i = 0; i < count; i++) {
        const char *text = (const char *)sqlite3_value_text(values[i]), *name;
        json_t *facts = text ? json_loads(text, 0, NULL) : NULL, *value;

        json_object_foreach(facts, name, value)
        {
            hash = hash_fact(name, json_string_value(value) ? json_string_value(value) : "", hash);
        }
        json_decref(facts);
    }
    snprintf(hex, sizeof hex, "%016" PRIx64, hash);
    sqlite3_result_text(context, hex, -1, SQLITE_TRANSIENT);
}
