/*
 * Newest information first. The newest commit tells what is so today, the oldest whether anything changed at all; then the middle of the
 * widest gap halves what is not known. A commit that cannot be built closes its gap like any other: both halves go on.
 */
#include "backfill.h"

size_t backfill_next(const bool *done, size_t count)
{
    size_t best = count, widest = 0;

    if (!count || !done[count - 1])
        return count ? count - 1 : 0;
    if (!done[0])
        return 0;
    for (size_t i = 0; i < count;) {
        size_t from = i;

        while (i < count && !done[i])
            i++;
        if (i > from && i - from >= widest) { /* of equal ones the newest */
            widest = i - from;
            best = from + (i - from) / 2;
        }
        i += i == from || i < count;
    }
    return best;
}
