/*
 * Points' texts taken apart: every axis with the values that occur, every point as the places of its values among
 * them.
 */
#include "region_axes.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* 1024, 0.5, 64K, 1MiB; NaN for words. */
static double number_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    int64_t bytes;

    if (end != text && !*end && isfinite(number))
        return number;
    return text_size(text, &bytes) ? NAN : (double)bytes;
}

static struct region_axis *axis_of(struct region_axes *r, const char *name, size_t length)
{
    for (size_t a = 0; a < r->count; a++)
        if (strlen(r->axes[a].name) == length && !memcmp(r->axes[a].name, name, length))
            return &r->axes[a];
    VEC_ROOM(r->axes, r->count, r->capacity);
    r->axes[r->count] = (struct region_axis){.name = mem_copy_n(name, length)};
    return &r->axes[r->count++];
}

static size_t find_value(const struct region_axis *axis, const char *text, size_t length)
{
    size_t v = 0;

    while (v < axis->count && (strlen(axis->values[v]) != length || memcmp(axis->values[v], text, length) != 0))
        v++;
    return v;
}

static void add_value(struct region_axis *axis, const char *text, size_t length)
{
    if (find_value(axis, text, length) < axis->count)
        return;
    VEC_ROOM(axis->values, axis->count, axis->capacity);
    axis->values[axis->count++] = mem_copy_n(text, length);
}

/* The value of the axis in a point's text; "" with length 0 where it has none. */
static const char *value_in(const char *point, const char *axis, size_t *length)
{
    size_t n = strlen(axis);

    for (const char *at = strchr(point, ':'); at; at = strchr(at, ',')) {
        at++;
        if (!strncmp(at, axis, n) && at[n] == '=') {
            *length = strcspn(at + n + 1, ",");
            return at + n + 1;
        }
    }
    *length = 0;
    return "";
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_number(const void *a, const void *b)
{
    double x = number_of(*(char *const *)a), y = number_of(*(char *const *)b);

    return x == y ? by_text(a, b) : x < y ? -1 : 1;
}

static void sort_values(struct region_axis *axis)
{
    axis->numeric = true;
    for (size_t v = 0; v < axis->count; v++)
        axis->numeric = axis->numeric && !isnan(number_of(axis->values[v]));
    qsort(axis->values, axis->count, sizeof *axis->values, axis->numeric ? by_number : by_text);
    axis->numbers = mem_new(axis->count + 1, sizeof *axis->numbers);
    for (size_t v = 0; v < axis->count; v++)
        axis->numbers[v] = number_of(axis->values[v]);
}

static void read_names(struct region_axes *r, const char *point)
{
    for (const char *at = strchr(point, ':'); at; at = strchr(at, ',')) {
        size_t name = strcspn(++at, "=,");

        if (name && at[name] == '=')
            axis_of(r, at, name);
    }
}

void region_axes_read(struct region_axes *r, const struct region_point *points, size_t count)
{
    *r = (struct region_axes){.points = count};
    for (size_t p = 0; p < count; p++)
        read_names(r, points[p].text);
    for (size_t a = 0; a < r->count; a++) {
        for (size_t p = 0; p < count; p++) {
            size_t length;
            const char *value = value_in(points[p].text, r->axes[a].name, &length);

            add_value(&r->axes[a], value, length);
        }
        sort_values(&r->axes[a]);
    }
    r->codes = mem_new(count * r->count + 1, sizeof *r->codes);
    for (size_t p = 0; p < count; p++) {
        for (size_t a = 0; a < r->count; a++) {
            size_t length;
            const char *value = value_in(points[p].text, r->axes[a].name, &length);

            r->codes[p * r->count + a] = find_value(&r->axes[a], value, length);
        }
    }
}

void region_axes_free(struct region_axes *r)
{
    for (size_t a = 0; a < r->count; a++) {
        for (size_t v = 0; v < r->axes[a].count; v++)
            free(r->axes[a].values[v]);
        free(r->axes[a].values);
        free(r->axes[a].numbers);
        free(r->axes[a].name);
    }
    free(r->axes);
    free(r->codes);
    *r = (struct region_axes){0};
}
