/* Lists of facts: set, sorted, hashed. */
#include "base/mem.h"
#include "host_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void facts_set(struct facts *f, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    for (size_t i = 0; i < f->count; i++)
        if (!strcmp(f->items[i].name, name)) {
            free(f->items[i].value);
            f->items[i].value = mem_copy(value);
            return;
        }
    if (f->count + 1 >= f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 16;
        f->items = mem_grow(f->items, f->capacity, sizeof *f->items);
    }
    f->items[f->count++] = (struct fact){mem_copy(name), mem_copy(value)};
    f->items[f->count] = (struct fact){NULL, NULL};
}

void facts_setf(struct facts *f, const char *name, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    facts_set(f, name, text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct fact *)a)->name, ((const struct fact *)b)->name);
}

struct fact *facts_take(struct facts *f)
{
    struct fact *items = f->items ? f->items : mem_new(1, sizeof *items);

    qsort(items, f->count, sizeof *items, by_name);
    memset(f, 0, sizeof *f);
    return items;
}

void facts_free(struct fact *list)
{
    for (struct fact *f = list; f && f->name; f++) {
        free(f->name);
        free(f->value);
    }
    free(list);
}

const char *host_fact(const struct fact *facts, const char *name)
{
    for (; facts && facts->name; facts++)
        if (!strcmp(facts->name, name))
            return facts->value;
    return NULL;
}
