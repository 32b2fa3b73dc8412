/*
 * Quality as text, the way the database keeps it: "exact", "multiplexed(50%)", "suspect(implied clock 9.1 GHz)". Each text is
 * stored once, so reasons are kept short and on one line.
 */
#include "store_internal.h"

#include "../harness/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { reason_limit = 500, text_limit = 600 };

/* Cuts at the limit, between words if there are any, without splitting a UTF-8 sequence, and keeps it on one line. */
static char *short_reason(const char *reason)
{
    size_t length = strlen(reason), i;
    char *text;

    if (length > reason_limit) {
        for (length = reason_limit; length && ((unsigned char)reason[length] & 0xc0) == 0x80;)
            length--;
        for (i = length; i > reason_limit / 2 && reason[i] != ' ';)
            i--;
        length = reason[i] == ' ' ? i : length;
    }
    text = mem_copy_n(reason, length);
    for (i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = ' ';
    return text;
}

char *quality_text(const struct sample *sample)
{
    const char *name = quality_name(sample->quality);
    const char *reason = sample->reason && *sample->reason ? sample->reason : NULL;
    char *cut, *text;

    /* a number that is none cannot be kept, whatever its collector thinks of it */
    if (!isfinite(sample->value) && sample->quality != QUALITY_UNAVAILABLE)
        return mem_copy(isnan(sample->value) ? "unavailable(the collector gave no number)"
                                             : "unavailable(the collector gave an infinite number)");
    if (sample->quality == QUALITY_MULTIPLEXED)
        return mem_format("%s(%.3g%%)", name, 100 * sample->share);
    if (!reason || sample->quality < QUALITY_SUSPECT)
        return mem_copy(name);
    cut = short_reason(reason);
    text = mem_format("%s(%s)", name, cut);
    free(cut);
    return text;
}

int quality_rank(const char *text)
{
    size_t length = strcspn(text, "(");
    int q;

    for (q = QUALITY_EXACT; q <= QUALITY_UNAVAILABLE; q++)
        if (strlen(quality_name((enum quality)q)) == length && !strncmp(text, quality_name((enum quality)q), length))
            return q;
    return -1;
}

/* The 50 of "multiplexed(50%)". */
static double share_of(const char *text)
{
    const char *open = strchr(text, '(');

    return open ? strtod(open + 1, NULL) : 0;
}

bool quality_worse(const char *a, const char *b)
{
    int ra = quality_rank(a), rb = quality_rank(b);

    if (ra != rb)
        return ra > rb;
    if (ra == QUALITY_MULTIPLEXED) {
        double sa = share_of(a), sb = share_of(b);

        if (sa < sb || sa > sb)
            return sa < sb;
    }
    return strcmp(a, b) > 0; /* any fixed order: the same samples give the same summary */
}

bool quality_known(const char *text)
{
    size_t length = strlen(text), name = strcspn(text, "("), i;

    if (quality_rank(text) < 0 || length > text_limit)
        return false;
    for (i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return name == length || (length > name + 1 && text[length - 1] == ')');
}
