/*
 * Reading callgrind's files. Of the format two lines matter: "events: Ir Dr ..." names the columns, and "totals: 12 3 ..." ends each
 * part with what its columns sum up to, all threads together. Zeros at the end of a line may be left out.
 */
#include "callgrind_dump.h"

#include "../harness/base/file.h"
#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[CALLGRIND_EVENTS] = {"Ir",   "Dr",   "Dw", "I1mr", "D1mr", "D1mw", "ILmr",
                                                    "DLmr", "DLmw", "Bc", "Bcm",  "Bi",   "Bim"};

struct columns {
    int events[2 * CALLGRIND_EVENTS]; /* an enum callgrind_event, or -1 for one that is of no interest */
    size_t count;
};

static int event_named(const char *word, size_t length)
{
    for (int i = 0; i < CALLGRIND_EVENTS; i++)
        if (strlen(names[i]) == length && !strncmp(names[i], word, length))
            return i;
    return -1;
}

/* The next word of the line at *at; its length, 0 at the end. */
static size_t next_word(const char **at)
{
    *at += strspn(*at, " \t");
    return strcspn(*at, " \t\r\n");
}

static void read_columns(const char *line, struct columns *c)
{
    size_t length;

    c->count = 0;
    for (; (length = next_word(&line)) && c->count < sizeof c->events / sizeof *c->events; line += length)
        c->events[c->count++] = event_named(line, length);
}

static int add_totals(const char *line, const struct columns *c, struct callgrind_counts *sum)
{
    size_t length;

    for (size_t i = 0; i < c->count; i++)
        if (c->events[i] >= 0)
            sum->known[c->events[i]] = true;
    for (size_t i = 0; (length = next_word(&line)); i++, line += length) {
        char *end;
        double value = strtod(line, &end);

        if (i >= c->count || end != line + length)
            return -1;
        if (c->events[i] >= 0)
            sum->values[c->events[i]] += value;
    }
    return 0;
}

int callgrind_dump_add(const char *text, struct callgrind_counts *sum, struct err *e)
{
    struct columns columns = {.count = 0};
    size_t parts = 0;

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (text_starts(line, "events:")) {
            read_columns(line + strlen("events:"), &columns);
        } else if (text_starts(line, "totals:")) {
            if (!columns.count || add_totals(line + strlen("totals:"), &columns, sum))
                return err_set(e, CM_INTERNAL, "callgrind's file has totals that do not fit its events");
            parts++;
        }
    }
    return parts ? 0 : err_set(e, CM_INTERNAL, "callgrind's file has no totals: it was cut, or is none of callgrind's");
}

static int take_file(const char *folder, const char *name, struct callgrind_counts *sum, struct err *e)
{
    char *path = mem_format("%s/%s", folder, name), *text = file_read(path, NULL, e);
    int failed = text ? callgrind_dump_add(text, sum, e) : -1;

    unlink(path);
    free(text);
    free(path);
    return failed;
}

/* Process ids of the files' names, each once. */
struct processes {
    long *ids;
    size_t count, capacity;
};

static void note_process(struct processes *p, long id)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->ids[i] == id)
            return;
    VEC_ROOM(p->ids, p->count, p->capacity);
    p->ids[p->count++] = id;
}

int callgrind_dump_take(const char *folder, struct callgrind_counts *sum, struct err *e)
{
    DIR *list = opendir(folder);
    struct processes processes = {0};
    struct dirent *entry;
    int failed = 0;

    if (!list)
        return err_set(e, CM_INTERNAL, "callgrind's folder %s cannot be read: %s", folder, strerror(errno));
    while ((entry = readdir(list)) && !failed) {
        char *end;
        long id = strtol(entry->d_name, &end, 10);

        if (end == entry->d_name || (*end && *end != '.'))
            continue;
        note_process(&processes, id);
        failed = take_file(folder, entry->d_name, sum, e);
    }
    closedir(list);
    sum->processes += processes.count;
    free(processes.ids);
    return failed;
}
