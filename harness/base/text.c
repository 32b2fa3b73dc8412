/* See text.h. */
#include "text.h"
#include "mem.h"

#include <ctype.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the pattern at `p` ends. A comma that goes on with "axis=value" belongs to the text of a point, not between patterns. */
static size_t pattern_length(const char *p)
{
    size_t n = strcspn(p, ",");

    while (p[n]) {
        size_t next = strcspn(p + n + 1, ",");

        if (!memchr(p + n + 1, '=', next) || memchr(p + n + 1, '/', next))
            break;
        n += 1 + next;
    }
    return n;
}

/* Most patterns begin with letters that the text does not begin with, which is soon seen. */
static bool one_matches(const char *pattern, size_t length, const char *text)
{
    size_t plain = strcspn(pattern, "*?[\\");
    char *copy;
    bool found;

    if (strncmp(pattern, text, plain < length ? plain : length) != 0)
        return false;
    if (plain >= length)
        return text[length] == '\0';
    copy = mem_copy_n(pattern, length);
    found = !fnmatch(copy, text, 0);
    free(copy);
    return found;
}

bool text_glob(const char *patterns, const char *text)
{
    bool found = false;

    if (!patterns || !*patterns)
        return true;
    for (const char *p = patterns; *p && !found;) {
        size_t n = pattern_length(p);

        found = n > 0 && one_matches(p, n, text);
        p += n + (p[n] != '\0');
    }
    return found;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* Edit distance, insertions, deletions and substitutions costing one each; two rows of the usual table. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), result, *row = mem_new(n + 1, sizeof *row);

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            size_t change = diagonal + (tolower((unsigned char)*a) != tolower((unsigned char)b[j - 1]));

            row[j] = smallest(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    result = row[n];
    free(row);
    return result;
}

double text_workers(const char *point)
{
    static const char *const axes[] = {"threads=", "procs="};

    for (const char *at = strchr(point, ':'); at; at = strchr(at, ',')) {
        at++;
        for (size_t i = 0; i < sizeof axes / sizeof *axes; i++)
            if (text_starts(at, axes[i]))
                return fmax(1, strtod(at + strlen(axes[i]), NULL));
    }
    return 1;
}

static size_t unlikeness(const char *word, const char *name)
{
    return *word && (strstr(name, word) || text_starts(word, name)) ? 1 : distance(word, name);
}

/* Variants of several kernels may have one name: it is said once. */
static bool stands_before(const char *const *names, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!strcmp(names[i], names[at]))
            return true;
    return false;
}

const char *text_near(const char *word, const char *const *names, size_t count, char *out, size_t size)
{
    size_t limit = strlen(word) / 3 + 1, used = 0, shown = 0;

    out[0] = '\0';
    for (size_t d = 0; d <= limit && shown < 3; d++) {
        for (size_t i = 0; i < count && shown < 3; i++) {
            int added;

            if (unlikeness(word, names[i]) != d || stands_before(names, i))
                continue;
            added = snprintf(out + used, size - used, "%s%s", shown ? ", " : " (did you mean ", names[i]);
            if (added < 0 || (size_t)added + 3 >= size - used) {
                out[used] = '\0';
                i = count;
                continue;
            }
            used += (size_t)added;
            shown++;
        }
    }
    if (shown)
        snprintf(out + used, size - used, "?)");
    return out;
}

/* A number with a unit behind it: the number, and where the unit starts. */
static int leading_number(const char *text, double *number, const char **unit)
{
    char *end;

    if (!isdigit((unsigned char)*text) && *text != '.')
        return -1;
    *number = strtod(text, &end);
    *unit = end;
    return end == text || !isfinite(*number) || *number < 0 ? -1 : 0;
}

int text_size(const char *text, int64_t *bytes)
{
    static const char letters[] = "KMGT";
    const char *unit, *letter;
    double number;

    if (leading_number(text, &number, &unit))
        return -1;
    letter = *unit ? strchr(letters, toupper((unsigned char)*unit)) : NULL;
    if (letter) {
        number = ldexp(number, 10 * (int)(letter - letters + 1));
        unit++;
        if (!strcmp(unit, "iB") || !strcmp(unit, "B") || !strcmp(unit, "i"))
            unit = "";
    }
    if (*unit || number > 9e18)
        return -1;
    *bytes = (int64_t)number;
    return 0;
}

/* Nothing waits longer than ten years; what is more does not fit a clock of nanoseconds. */
#define LONGEST_S (3650 * 86400.0)

int text_duration(const char *text, double *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    const char *unit;
    double number;

    if (leading_number(text, &number, &unit))
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!strcmp(unit, units[i].unit)) {
            *seconds = number * units[i].seconds;
            return *seconds <= LONGEST_S ? 0 : -1;
        }
    }
    return -1;
}

int text_share(const char *text, double *share)
{
    const char *unit;
    double number;

    if (leading_number(text, &number, &unit))
        return -1;
    if (!strcmp(unit, "%"))
        number /= 100;
    else if (*unit || number > 1) /* who writes 5 means 5%, not five times as much */
        return -1;
    *share = number;
    return 0;
}

char **text_split(const char *text, char separator, size_t *count)
{
    size_t parts = 1, length = strlen(text);
    char **list, *copy;

    for (const char *c = text; *c; c++)
        parts += *c == separator;
    list = mem_new(1, (parts + 1) * sizeof *list + length + 1);
    copy = (char *)(list + parts + 1);
    memcpy(copy, text, length + 1);
    *count = 0;
    list[(*count)++] = copy;
    for (char *c = copy; *c; c++) {
        if (*c == separator) {
            *c = '\0';
            list[(*count)++] = c + 1;
        }
    }
    return list;
}

uint64_t text_hash(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t hash = seed ? seed : 0xcbf29ce484222325u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

void text_disarm(char *text, bool lines)
{
    for (unsigned char *c = (unsigned char *)text; c && *c; c++) {
        if ((*c < 0x20 && !(lines && *c == '\n')) || *c == 0x7f)
            *c = ' ';
        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
            c[0] = c[1] = ' ';
    }
}

const char *text_run(const char *commit, const char *local, int64_t run, char *out, size_t size)
{
    if (commit && *commit)
        snprintf(out, size, "%.7s%s", commit, local);
    else
        snprintf(out, size, "run %" PRId64, run);
    return out;
}

bool text_starts(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

bool text_is_name(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
            return false;
    return true;
}
