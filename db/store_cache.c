/* A small hash table from text to id: metrics and qualities are looked up once per sample. */
#include "store_internal.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdlib.h>
#include <string.h>

static struct id_entry *slot(const struct id_cache *c, const char *text)
{
    size_t i = (size_t)text_hash(text, strlen(text), 0) & (c->capacity - 1);

    while (c->slots[i].text && strcmp(c->slots[i].text, text))
        i = (i + 1) & (c->capacity - 1);
    return &c->slots[i];
}

bool cache_find(const struct id_cache *c, const char *text, int64_t *id)
{
    const struct id_entry *found = c->capacity ? slot(c, text) : NULL;

    if (!found || !found->text)
        return false;
    *id = found->id;
    return true;
}

static void enlarge(struct id_cache *c)
{
    struct id_cache larger = {.count = c->count, .capacity = c->capacity ? 2 * c->capacity : 64};
    size_t i;

    larger.slots = mem_new(larger.capacity, sizeof *larger.slots);
    for (i = 0; i < c->capacity; i++)
        if (c->slots[i].text)
            *slot(&larger, c->slots[i].text) = c->slots[i];
    free(c->slots);
    *c = larger;
}

void cache_add(struct id_cache *c, const char *text, int64_t id)
{
    struct id_entry *entry;

    if (2 * (c->count + 1) > c->capacity)
        enlarge(c);
    entry = slot(c, text);
    if (!entry->text) {
        entry->text = mem_copy(text);
        c->count++;
    }
    entry->id = id;
}

void cache_clear(struct id_cache *c)
{
    size_t i;

    for (i = 0; i < c->capacity; i++)
        free(c->slots[i].text);
    free(c->slots);
    *c = (struct id_cache){0};
}
