/*
 * Import: lines of JSON that anybody may have written. All or nothing, in one transaction; every mistake is a sentence with the
 * line's number.
 */
#include "record.h"

#include "../harness/base/buf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { line_limit = 64 << 20 };

struct input {
    FILE *file;
    const char *name;
    struct buf line;
    int64_t number, records;
};

static int fail_line(const struct input *in, enum exit_code code, const char *what, struct err *e)
{
    return err_set(e, code, "%s, line %" PRId64 ": %s; nothing was imported", in->name, in->number, what);
}

/* 1 with a line, 0 at the end, -1 error. */
static int read_line(struct input *in, struct err *e)
{
    int c = EOF;

    buf_clear(&in->line);
    in->number++;
    while (in->line.length <= line_limit && (c = getc_unlocked(in->file)) != EOF && c != '\n') {
        char byte = (char)c;

        buf_add_n(&in->line, &byte, 1);
    }
    if (in->line.length > line_limit)
        return fail_line(in, CM_INTERNAL, "it is too long", e);
    if (c == EOF && ferror(in->file))
        return fail_line(in, CM_INTERNAL, strerror(errno), e);
    return c == '\n' || in->line.length > 0;
}

static json_t *parse(struct input *in, struct err *e)
{
    json_error_t why;
    json_t *value = json_loadb(buf_text(&in->line), in->line.length, JSON_REJECT_DUPLICATES, &why);
    char what[JSON_ERROR_TEXT_LENGTH + 40];

    if (value && !json_is_object(value)) {
        json_decref(value);
        value = NULL;
        snprintf(why.text, sizeof why.text, "an object is expected");
    }
    if (!value) {
        snprintf(what, sizeof what, "this is no JSON record (%s)", why.text);
        fail_line(in, CM_INTERNAL, what, e);
    }
    return value;
}

static int read_header(struct input *in, struct err *e)
{
    const json_t *version;
    char what[160];
    json_t *line;
    int result = read_line(in, e);

    if (result <= 0)
        return result ? -1 : fail_line(in, CM_USAGE, "it is empty, no export of countermark", e);
    line = parse(in, e);
    if (!line)
        return -1;
    version = json_object_get(line, "version");
    if (!json_string_value(json_object_get(line, "format")) ||
        strcmp(json_string_value(json_object_get(line, "format")), EXPORT_FORMAT) != 0 || !json_is_integer(version)) {
        result = fail_line(in, CM_USAGE, "this is no export of countermark", e);
    } else if (json_integer_value(version) < 1 || json_integer_value(version) > EXPORT_VERSION) {
        snprintf(what, sizeof what,
                 "the export has version %" JSON_INTEGER_FORMAT
                 ", this program reads up to version %d: use the program that wrote it",
                 json_integer_value(version), EXPORT_VERSION);
        result = fail_line(in, CM_USAGE, what, e);
    } else {
        result = 0;
    }
    json_decref(line);
    return result;
}

/* 1: the closing line with the right count, 0: another record was taken, -1: error. */
static int take_line(struct input *in, struct taker *t, struct err *e)
{
    struct err why = {0};
    const json_t *count;
    json_t *line = parse(in, e);
    int result;

    if (!line)
        return -1;
    count = json_object_get(line, "records");
    if (!json_object_get(line, "type") && json_is_integer(count)) {
        result = 1;
        if (json_integer_value(count) != in->records)
            result = fail_line(in, CM_INTERNAL, "the number of records is another: lines are missing or were added", e);
    } else {
        in->records++;
        result = taker_take(t, line, &why);
        if (result)
            fail_line(in, why.code == CM_USAGE ? CM_INTERNAL : (enum exit_code)why.code, why.text, e);
    }
    json_decref(line);
    return result;
}

static int take_all(struct input *in, struct taker *t, struct err *e)
{
    int more, result = 0;

    while ((more = read_line(in, e)) > 0)
        if ((result = take_line(in, t, e)) != 0)
            break;
    if (more < 0 || result < 0)
        return -1;
    if (!more)
        return fail_line(in, CM_INTERNAL, "the closing line is missing: the file was cut off", e);
    more = read_line(in, e);
    return more < 0 ? -1 : more ? fail_line(in, CM_INTERNAL, "something follows the closing line", e) : 0;
}

static int import_from(struct store *s, struct input *in, int64_t *runs_added, struct err *e)
{
    struct taker *t;
    bool mine;
    int result;

    if (read_header(in, e) || txn_begin(s, &mine, e))
        return -1;
    t = taker_new(s);
    result = take_all(in, t, e);
    if (!result)
        result = taker_end(t, runs_added, e);
    result = txn_end(s, mine, result, e);
    if (result)
        *runs_added = 0;
    taker_free(t);
    return result;
}

int store_import(struct store *s, const char *path, int64_t *runs_added, struct err *e)
{
    bool standard = !strcmp(path, "-");
    struct input in = {.name = standard ? "standard input" : path};
    int fd, result;

    *runs_added = 0;
    if (store_writable(s, e))
        return -1;
    fd = standard ? dup(STDIN_FILENO) : -1;
    in.file = standard ? (fd < 0 ? NULL : fdopen(fd, "r")) : fopen(path, "re");
    if (!in.file) {
        result = err_set(e, CM_USAGE, "%s cannot be read (%s): name a file that `countermark db export` wrote", in.name,
                         strerror(errno));
        if (fd >= 0)
            close(fd);
        return result;
    }
    result = import_from(s, &in, runs_added, e);
    buf_free(&in.line);
    fclose(in.file);
    return result;
}
