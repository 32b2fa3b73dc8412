/*
 * Reads series for detect. Empty lines and lines that begin with # are not values; "nan", "NA", "null" and a CSV's empty field are
 * values that are missing. Whatever else is no number stops the command: to leave out what cannot be read would shift every index.
 */
#include "base/mem.h"
#include "base/text.h"
#include "detect.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 40 }; /* bytes of what is quoted */

/* Where the reading is, for sentences. */
struct place {
    const char *file;
    size_t line;
    const char *column; /* NULL: no CSV */
    char separator;
    size_t field; /* the column's number, from 0 */
};

static const char *title(const char *file)
{
    return strcmp(file, "-") ? file : "standard input";
}

/* Without blanks at both ends, in place. */
static char *trimmed(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static bool is_missing(const char *word)
{
    static const char *const words[] = {"", "nan", "+nan", "-nan", "na", "n/a", "null", "none"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(word, words[i]))
            return true;
    return false;
}

static int add_value(struct detect_series *s, const char *word, const struct place *at, struct err *e)
{
    char *end;
    double value = NAN;

    if (is_missing(word)) {
        s->missing++;
    } else {
        value = strtod(word, &end);
        if (end == word || *end) {
            const char *cure = at->column              ? ""
                               : strpbrk(word, ",;\t") ? "; name a column of CSV with --column"
                               : s->n == 0 && isalpha((unsigned char)word[0])
                                   ? "; is it a title? Then name it with --column"
                                   : "";

            return err_set(e, CM_USAGE, "%s:%zu: '%.*s' is no number%s", title(at->file), at->line, SHOWN, word, cure);
        }
        if (!isfinite(value))
            return err_set(e, CM_USAGE, "%s:%zu: '%.*s' is infinite or too large to count with", title(at->file),
                           at->line, SHOWN, word);
    }
    VEC_ROOM(s->values, s->n, s->capacity);
    s->values[s->n++] = value;
    return 0;
}

/*
 * The next field of a CSV line, in place; *rest is what follows, NULL at the end. A field in quotes may hold the separator, and quotes
 * written twice.
 */
static char *next_field(char **rest, char separator)
{
    char *from = *rest, *to, *field;

    while (*from == ' ')
        from++;
    if (*from != '"') {
        field = *rest;
        to = strchr(field, separator);
        *rest = to ? to + 1 : NULL;
        if (to)
            *to = '\0';
        return trimmed(field);
    }
    field = to = ++from;
    while (*from && (*from != '"' || from[1] == '"')) {
        from += *from == '"';
        *to++ = *from++;
    }
    from = strchr(from, separator);
    *rest = from ? from + 1 : NULL;
    *to = '\0';
    return trimmed(field);
}

/* The separator is what parts the titles. */
static int read_titles(char *line, struct place *at, struct err *e)
{
    char *rest = line, *found = strpbrk(line, ",;\t");
    struct buf titles = {0};
    size_t fields = 0, seen = 0;

    at->separator = ',';
    if (found)
        at->separator = *found;
    while (rest) {
        const char *name = next_field(&rest, at->separator);

        if (!strcmp(name, at->column) && seen++ == 0)
            at->field = fields;
        buf_addf(&titles, "%s%.*s", fields ? ", " : "", SHOWN, name);
        fields++;
    }
    if (seen == 0)
        err_set(e, CM_USAGE, "%s has no column '%s'; it has: %.300s", title(at->file), at->column, buf_text(&titles));
    else if (seen > 1)
        err_set(e, CM_USAGE, "%s has %zu columns '%s'", title(at->file), seen, at->column);
    buf_free(&titles);
    return seen == 1 ? 0 : -1;
}

static int read_row(struct detect_series *s, char *line, const struct place *at, struct err *e)
{
    char *rest = line;

    for (size_t i = 0; rest; i++) {
        const char *word = next_field(&rest, at->separator);

        if (i == at->field)
            return add_value(s, word, at, e);
    }
    return err_set(e, CM_USAGE, "%s:%zu: the line ends before column '%s'", title(at->file), at->line, at->column);
}

static int read_line(struct detect_series *s, char *line, size_t length, struct place *at, struct err *e)
{
    if (strlen(line) < length)
        return err_set(e, CM_USAGE, "%s:%zu: there is a zero byte; this is no text", title(at->file), at->line);
    if (at->line == 1 && text_starts(line, "\xef\xbb\xbf"))
        line += 3; /* what some editors begin a file with */
    line[strcspn(line, "\r\n")] = '\0';
    if (!line[strspn(line, " \t")] || line[strspn(line, " \t")] == '#')
        return 0;
    if (!at->column)
        return add_value(s, trimmed(line), at, e);
    if (!at->separator)
        return read_titles(line, at, e);
    return read_row(s, line, at, e);
}

static int read_stream(struct detect_series *s, FILE *f, struct place *at, struct err *e)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int failed = 0;

    while (!failed && (length = getline(&line, &room, f)) >= 0) {
        at->line++;
        failed = read_line(s, line, (size_t)length, at, e);
    }
    if (!failed && ferror(f))
        failed = err_set(e, CM_INTERNAL, "cannot read %s: %s", title(at->file), strerror(errno));
    if (!failed && at->column && !at->separator)
        failed = err_set(e, CM_USAGE, "%s has no line with titles, so no column '%s'", title(at->file), at->column);
    free(line);
    return failed;
}

int detect_read(struct detect_series *s, const char *file, const char *column, struct err *e)
{
    struct place at = {.file = file, .column = column};
    FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
    int failed;

    *s = (struct detect_series){.file = file};
    if (!f)
        return err_set(e, errno == ENOENT ? CM_USAGE : CM_INTERNAL, "cannot read %s: %s", file, strerror(errno));
    failed = read_stream(s, f, &at, e);
    if (f != stdin)
        fclose(f);
    return failed;
}

void detect_free(struct detect_series *s)
{
    free(s->values);
    changes_free(&s->changes);
    *s = (struct detect_series){0};
}
