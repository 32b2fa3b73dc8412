/*
 * Sweeps: "300,1K", "1:8:1", "pow2:4K:min(4LLC,64M)", "static,dynamic" -> the list of values.
 *
 * Sizes of this machine are resolved here, so that a point's text always holds plain numbers and its history does not depend on
 * how somebody wrote a value. Where a cache size is unknown, a common one is taken.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 10000 };

/* Values back to back, each with its zero byte. */
struct values {
    struct buf bytes;
    size_t count;
};

static void values_add(struct values *v, const char *text)
{
    size_t at = 0;

    while (at < v->bytes.length) { /* "1,CPUS" on one CPU is one value */
        if (!strcmp(v->bytes.text + at, text))
            return;
        at += strlen(v->bytes.text + at) + 1;
    }
    buf_add_n(&v->bytes, text, strlen(text) + 1);
    v->count++;
}

static void values_add_number(struct values *v, double x)
{
    char text[40];

    if (x == floor(x) && fabs(x) < 9e15)
        snprintf(text, sizeof text, "%.0f", x == 0 ? 0.0 : x);
    else
        snprintf(text, sizeof text, "%.10g", x);
    values_add(v, text);
}

static double symbol_value(const char *name, size_t length, const struct host *h)
{
    static const double usual[] = {0, 32 << 10, 1 << 20, 32 << 20};
    const char *const names[] = {"L1", "L2", "L3", "LLC", "CPUS", "MEM"};
    double sizes[6];

    for (int i = 1; i <= 3; i++)
        sizes[i - 1] = h->cache_bytes[i] > 0 ? (double)h->cache_bytes[i] : usual[i];
    sizes[3] = sizes[2];
    if (h->cache_bytes[3] <= 0 && h->cache_bytes[2] > 0)
        sizes[3] = sizes[1]; /* no third level here */
    sizes[4] = h->cpus > 0 ? h->cpus : 1;
    sizes[5] = (double)h->memory_bytes;
    for (size_t i = 0; i < 6; i++)
        if (strlen(names[i]) == length && !strncmp(names[i], name, length))
            return sizes[i];
    return NAN;
}

static bool scalar(const char *text, const struct host *h, double *out);

/* min(a,b,...) and max(a,b,...): the arguments start behind the parenthesis. */
static bool extreme(const char *text, bool smallest, const struct host *h, double *out)
{
    size_t length = strlen(text), start = 0;
    int depth = 0;
    bool any = false;

    if (!length || text[length - 1] != ')')
        return false;
    for (size_t i = 0; i < length; i++) {
        depth += text[i] == '(';
        if ((text[i] == ',' && !depth) || i == length - 1) {
            char *part = mem_copy_n(text + start, i - start);
            double x;
            bool good = scalar(part, h, &x);

            free(part);
            if (!good || depth)
                return false;
            *out = !any || (smallest ? x < *out : x > *out) ? x : *out;
            any = true;
            start = i + 1;
        }
        depth -= text[i] == ')' && i != length - 1;
    }
    return any;
}

/* The number in front of a suffix or symbol: digits with a point, perhaps a sign. */
static const char *leading_number(const char *text, double *number)
{
    const char *p = text;

    p += *p == '-' || *p == '+';
    if (!isdigit((unsigned char)*p))
        return text;
    while (isdigit((unsigned char)*p))
        p++;
    if (*p == '.' && isdigit((unsigned char)p[1]))
        for (p++; isdigit((unsigned char)*p);)
            p++;
    char *digits = mem_copy_n(text, (size_t)(p - text));

    *number = strtod(digits, NULL);
    free(digits);
    return p;
}

/* A number, with a suffix (4K), of this machine (4LLC, CPUS/2), or the extreme of several. False: a word. */
static bool scalar(const char *text, const struct host *h, double *out)
{
    double factor = 1, divisor = 1;
    const char *rest;
    int64_t bytes;

    if (text_starts(text, "min(") || text_starts(text, "max("))
        return extreme(text + 4, text[1] == 'i', h, out);
    rest = leading_number(text, &factor);
    if (rest != text && !*rest) {
        *out = factor;
        return true;
    }
    if (rest != text && isdigit((unsigned char)*text) && !text_size(text, &bytes)) {
        *out = (double)bytes;
        return true;
    }
    size_t length = strcspn(rest, "/");

    *out = symbol_value(rest, length, h);
    if (isnan(*out))
        return false;
    if (rest[length] == '/') {
        const char *end = leading_number(rest + length + 1, &divisor);

        if (*end || end == rest + length + 1 || divisor <= 0)
            return false;
    }
    *out = floor(factor * *out / divisor);
    return true;
}

static int add_range(struct values *v, double low, double high, double step, const char *text, struct err *e)
{
    double steps = floor((high - low) / step + 1e-9);

    if (!(step > 0))
        return err_set(e, CM_USAGE, "the step of '%s' must be above zero", text);
    if (low > high)
        return err_set(e, CM_USAGE, "'%s' runs from %g to %g: write the smaller end first", text, low, high);
    if (steps >= MAX_VALUES)
        return err_set(e, CM_USAGE, "'%s' makes more than %d values; take a larger step", text, MAX_VALUES);
    for (int i = 0; i <= (int)steps; i++)
        values_add_number(v, low + i * step);
    return 0;
}

static int add_doubled(struct values *v, double low, double high, const char *text, struct err *e)
{
    if (!(low > 0))
        return err_set(e, CM_USAGE, "'%s' must start above zero", text);
    if (low > high)
        return err_set(e, CM_USAGE, "'%s' runs from %.10g to %.10g on this machine: no value is left", text, low, high);
    while (low <= high) {
        values_add_number(v, low);
        low *= 2;
    }
    return 0;
}

/* "LO:HI", "LO:HI:STEP" and "pow2:LO:HI". */
static int add_colons(struct values *v, const char *text, bool literal, const struct host *h, struct err *e)
{
    size_t count;
    char **part = text_split(text, ':', &count);
    bool doubled = !strcmp(part[0], "pow2");
    double x[3] = {0, 0, 1};
    bool good = doubled ? count == 3 : count == 2 || count == 3;
    int result;

    for (size_t i = doubled; good && i < count; i++)
        good = scalar(part[i], h, &x[i - doubled]);
    free(part);
    if (good && doubled)
        result = add_doubled(v, x[0], x[1], text, e);
    else if (good)
        result = add_range(v, x[0], x[1], x[2], text, e);
    else if (literal && !doubled) {
        values_add(v, text); /* "host:80" is an argument like any other */
        result = 0;
    } else
        result = err_set(e, CM_USAGE, "'%s' is no sweep: write FROM:TO:STEP or pow2:FROM:TO with numbers", text);
    return result;
}

/* A number without a name of this machine in it: what a program of the user gets as it was typed. */
static bool typed_number(const char *text)
{
    double x;
    int64_t bytes;
    const char *rest = leading_number(text, &x);

    return rest != text && (!*rest || !text_size(text, &bytes));
}

static int add_item(struct values *v, const char *text, bool literal, const struct host *h, struct err *e)
{
    double x;

    if (!*text)
        return err_set(e, CM_USAGE, "a value is missing: write values joined by single commas");
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return err_set(e, CM_USAGE, "a value holds a control character; values are plain text");
    if (strchr(text, ':'))
        return add_colons(v, text, literal, h, e);
    if (scalar(text, h, &x)) {
        if (literal && typed_number(text))
            values_add(v, text);
        else
            values_add_number(v, x);
        return 0;
    }
    if (!literal && !text_is_name(text))
        return err_set(e, CM_USAGE, "'%s' is no value: numbers, or words of letters, digits, '.', '_' and '-'", text);
    values_add(v, text);
    return 0;
}

/* The values as an array in one block. */
static char **packed(struct values *v, size_t *count)
{
    size_t table = (v->count + 1) * sizeof(char *);
    char **block = mem_new(1, table + v->bytes.length + 1);
    char *text = (char *)block + table;

    if (v->bytes.length)
        memcpy(text, v->bytes.text, v->bytes.length);
    for (size_t i = 0; i < v->count; i++) {
        block[i] = text;
        text += strlen(text) + 1;
    }
    *count = v->count;
    buf_free(&v->bytes);
    return block;
}

char **plan_values(const char *sweep, bool literal, const struct host *h, size_t *count, struct err *e)
{
    struct values v = {0};
    const char *start = sweep;
    int depth = 0;

    for (const char *p = sweep;; p++) {
        depth += (*p == '(') - (*p == ')');
        if (*p && (*p != ',' || depth > 0))
            continue;
        char *item = mem_copy_n(start, (size_t)(p - start));
        int failed = add_item(&v, item, literal, h, e);

        free(item);
        if (!failed && v.count > MAX_VALUES)
            failed = err_set(e, CM_USAGE, "'%s' makes more than %d values", sweep, MAX_VALUES);
        if (failed) {
            buf_free(&v.bytes);
            return NULL;
        }
        if (!*p)
            break;
        start = p + 1;
    }
    return packed(&v, count);
}
