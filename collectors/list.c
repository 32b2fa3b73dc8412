/* The text lists that collectors fill while they plan. See collector.h. */
#include "collector.h"

#include "../harness/base/mem.h"

#include <stdlib.h>

void text_list_add(struct text_list *l, const char *text)
{
    VEC_ROOM(l->items, l->count, l->capacity);
    l->items[l->count++] = mem_copy(text);
}

void text_list_free(struct text_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i]);
    free(l->items);
    *l = (struct text_list){0};
}
