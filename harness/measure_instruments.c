/* The instruments around a region: opened on the right threads, started and stopped in order, read. See measure.h. */
#include "base/mem.h"
#include "measure.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int by_number(const void *a, const void *b)
{
    pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

    return (x > y) - (x < y);
}

pid_t *measure_threads(size_t *count)
{
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    pid_t *list = NULL, self = gettid();
    size_t n = 1, capacity = 0;

    *count = 0;
    if (!folder)
        return NULL;
    VEC_ROOM(list, n - 1, capacity);
    list[0] = self;
    while ((entry = readdir(folder))) {
        pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);

        if (id <= 0 || id == self)
            continue;
        VEC_ROOM(list, n, capacity);
        list[n++] = id;
    }
    closedir(folder);
    qsort(list + 1, n - 1, sizeof *list, by_number);
    *count = n;
    return list;
}

void measure_turn(struct measure_instruments *in, int repetition)
{
    in->turn = in->turns > 1 && repetition >= 0 ? (size_t)repetition % in->turns : 0;
}

static bool rests(const struct measure_instruments *in, size_t i)
{
    return in->turns > 1 && i != in->turn;
}

/* Of instruments that take turns all are open, one of them counts; for one repetition only that one is opened. */
int measure_open(struct measure_instruments *in, const struct target *target, struct err *e)
{
    for (size_t i = 0; i < in->count; i++) {
        struct measure_instrument *one = &in->items[i];

        if (in->fresh && rests(in, i))
            continue;
        one->handle = one->collector->open(one->events, target, e);
        if (!one->handle) {
            err_set(e, CM_NOTHING, "%s could not be opened", *one->events ? one->events : one->collector->summary);
            measure_close(in);
            return -1;
        }
    }
    return 0;
}

int measure_rounds(const struct measure_instruments *in, bool *counted)
{
    int most = 1;

    *counted = false;
    for (size_t i = 0; i < in->count; i++) {
        int rounds = in->items[i].collector->rounds ? in->items[i].collector->rounds(in->items[i].handle) : 1;

        *counted = *counted || in->items[i].collector->rounds;
        if (rounds > most)
            most = rounds;
    }
    return most;
}

int measure_start(struct measure_instruments *in, struct err *e)
{
    for (size_t i = 0; i < in->count; i++)
        if (!rests(in, i) && in->items[i].collector->start(in->items[i].handle)) {
            const struct measure_instrument *one = &in->items[i];

            while (i--)
                if (!rests(in, i))
                    in->items[i].collector->stop(in->items[i].handle);
            return err_set(e, CM_NOTHING, "%s could not be started",
                           *one->events ? one->events : one->collector->summary);
        }
    return 0;
}

bool measure_stop(struct measure_instruments *in)
{
    bool good = true;

    for (size_t i = in->count; i--;)
        if (!rests(in, i) && in->items[i].collector->stop(in->items[i].handle))
            good = false;
    return good;
}

static size_t read_those(struct measure_instruments *in, bool once, struct reading *out, size_t capacity)
{
    size_t count = 0;

    for (size_t i = 0; i < in->count; i++)
        if (in->items[i].collector->once == once && !rests(in, i))
            count += in->items[i].collector->read(in->items[i].handle, out + count, capacity - count);
    return count;
}

size_t measure_read(struct measure_instruments *in, struct reading *out, size_t capacity)
{
    return read_those(in, false, out, capacity);
}

size_t measure_read_launch(struct measure_instruments *in, struct reading *out, size_t capacity)
{
    return read_those(in, true, out, capacity);
}

void measure_close(struct measure_instruments *in)
{
    for (size_t i = in->count; i--;) {
        if (in->items[i].handle)
            in->items[i].collector->close(in->items[i].handle);
        in->items[i].handle = NULL;
    }
}

void measure_void(struct reading *readings, size_t count, const char *reason)
{
    for (size_t i = 0; i < count; i++) {
        readings[i].value = (double)NAN;
        if (readings[i].quality == QUALITY_UNAVAILABLE && *readings[i].reason)
            continue; /* the instrument knows better */
        readings[i].quality = QUALITY_UNAVAILABLE;
        snprintf(readings[i].reason, sizeof readings[i].reason, "%s", reason);
    }
}
