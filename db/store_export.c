/*
 * Export: a header line, one record a line, and a last line with their number, so that a file that was cut off is noticed. The
 * file appears under its name when it is whole.
 */
#include "record.h"

#include "../harness/base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    FILE *file;
    const char *path;
    int64_t records;
};

static int write_failed(const char *path, struct err *e)
{
    return err_set(e, CM_INTERNAL, "%s cannot be written (%s): free some space, or name another file", path,
                   strerror(errno));
}

static int write_line(struct output *o, const json_t *line, struct err *e)
{
    /* 17 digits bring every double back as it was */
    if (json_dumpf(line, o->file, JSON_COMPACT | JSON_REAL_PRECISION(17)) || putc('\n', o->file) == EOF)
        return write_failed(o->path, e);
    return 0;
}

static int write_record(json_t *record, void *user, struct err *e)
{
    struct output *o = user;

    o->records++;
    return write_line(o, record, e);
}

static int write_marker(struct output *o, const char *key, json_int_t value, struct err *e)
{
    json_t *line = json_object();
    int result;

    if (!strcmp(key, "version"))
        json_object_set_new(line, "format", json_string(EXPORT_FORMAT));
    json_object_set_new(line, key, json_integer(value));
    result = write_line(o, line, e);
    json_decref(line);
    return result;
}

static int write_all(struct store *s, struct output *o, int64_t run, struct err *e)
{
    int result = write_marker(o, "version", EXPORT_VERSION, e);

    if (!result)
        result = record_each(s, run, write_record, o, e);
    if (!result)
        result = write_marker(o, "records", o->records, e);
    if (!result && fflush(o->file))
        result = write_failed(o->path, e);
    return result;
}

/* Nobody wants a database replaced by its own export. */
static int refuse_database(const struct store *s, const char *path, struct err *e)
{
    struct stat ours, target;

    if (!stat(path, &target)) {
        if (S_ISDIR(target.st_mode))
            return err_set(e, CM_USAGE, "%s is a folder: name a file for the export", path);
        if (!stat(s->real, &ours) && ours.st_dev == target.st_dev && ours.st_ino == target.st_ino)
            return err_set(e, CM_USAGE, "%s is the database itself: name another file for the export", path);
    }
    return 0;
}

static int export_to_file(struct store *s, const char *path, int64_t run, struct err *e)
{
    struct output o = {.path = path};
    char *temporary;
    int result;

    if (refuse_database(s, path, e))
        return -1;
    temporary = mem_format("%s.%ld.new", path, (long)getpid());
    o.file = fopen(temporary, "we");
    if (!o.file) {
        result = write_failed(path, e);
        free(temporary);
        return result;
    }
    result = write_all(s, &o, run, e);
    if (!result && fsync(fileno(o.file)) && errno != EINVAL)
        result = write_failed(path, e);
    if (fclose(o.file) && !result)
        result = write_failed(path, e);
    if (!result && rename(temporary, path))
        result = write_failed(path, e);
    if (result)
        unlink(temporary);
    free(temporary);
    return result;
}

static int export_to_output(struct store *s, int64_t run, struct err *e)
{
    struct output o = {.path = "standard output"};
    int fd = dup(STDOUT_FILENO), result;

    o.file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!o.file) {
        if (fd >= 0)
            close(fd);
        return write_failed(o.path, e);
    }
    result = write_all(s, &o, run, e);
    if (fclose(o.file) && !result)
        result = write_failed(o.path, e);
    return result;
}

int store_export(struct store *s, const char *path, int64_t run_or_0, struct err *e)
{
    bool found = true;
    double number;
    char text[24];
    const char *parameter = text;

    snprintf(text, sizeof text, "%" PRId64, run_or_0);
    if (run_or_0 && store_number(s, "SELECT id FROM run WHERE id = ?1", &parameter, 1, &number, &found, e))
        return -1;
    if (!found)
        return err_set(e, CM_USAGE, "%s has no run %" PRId64 " to export", s->path, run_or_0);
    return strcmp(path, "-") ? export_to_file(s, path, run_or_0, e) : export_to_output(s, run_or_0, e);
}
