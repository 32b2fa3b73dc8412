/*
 * A pass's text as a set that is ready to be counted. Each metric keeps its name beside what is counted for it, and values are
 * asked for by that name: nothing goes by position, so nothing can be mislabelled.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_parts.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdlib.h>
#include <string.h>

/* "NAME=COUNTED*FACTOR", "NAME=COUNTED" or "COUNTED". */
static int metric_parse(const char *text, struct cupti_metric *out, struct err *e)
{
    const char *equals = strchr(text, '='), *counted = equals ? equals + 1 : text, *star = strchr(counted, '*');
    size_t length = star ? (size_t)(star - counted) : strlen(counted);
    char *end = NULL;

    *out = (struct cupti_metric){.factor = star ? strtod(star + 1, &end) : 1};
    if (!length || equals == text || (star && (*end || end == star + 1 || !(out->factor > 0))))
        return err_set(e, CM_USAGE, "cupti: \"%s\" names no metric: expected NAME=COUNTED or NAME=COUNTED*FACTOR",
                       text);
    out->counted = mem_copy_n(counted, length);
    out->name = equals ? mem_format("cupti.%.*s", (int)(equals - text), text) : mem_format("cupti.%s", out->counted);
    return 0;
}

static int set_parse(const char *events, struct cupti_set *s, struct err *e)
{
    size_t count;
    char **words = text_split(events, ',', &count);
    int status = 0;

    s->metrics = mem_new(count + 1, sizeof *s->metrics);
    s->counted = mem_new(count + 1, sizeof *s->counted);
    for (size_t i = 0; i < count && !status; i++) {
        status = metric_parse(words[i], &s->metrics[s->count], e);
        s->counted[s->count] = s->metrics[s->count].counted;
        s->count += !status;
    }
    free(words);
    return status;
}

static int check_names(const struct cupti *c, const char *chip, const uint8_t *availability, const struct cupti_set *s,
                       struct err *e)
{
    cupti_host *host = cupti_host_open(c, chip, availability, e);
    int status = host ? 0 : -1;

    for (size_t i = 0; i < s->count && !status; i++)
        status = cupti_metric_known(c, host, chip, s->counted[i], NULL, e) == CUPTI_KNOWN ? 0 : -1;
    cupti_host_close(c, host);
    return status;
}

int cupti_set_make(const struct cupti *c, const char *chip, const uint8_t *availability, size_t availability_size,
                   const char *events, struct cupti_set *out, struct err *e)
{
    const uint8_t *image = availability_size ? availability : NULL;

    *out = (struct cupti_set){0};
    if (!set_parse(events, out, e) && !check_names(c, chip, image, out, e) &&
        cupti_schedule(c, chip, image, out->counted, out->count, out, e) > 0)
        return 0;
    cupti_set_free(c, out);
    return -1;
}

void cupti_set_free(const struct cupti *c, struct cupti_set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->metrics[i].name);
        free(s->metrics[i].counted);
    }
    free(s->metrics);
    free(s->counted);
    free(s->image);
    cupti_host_close(c, s->host);
    *s = (struct cupti_set){0};
}

#endif
