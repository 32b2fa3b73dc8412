/* Numbers for reading (declared in text.h). */
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct scale {
    double factor;
    const char *name;
};

/* Three significant digits, the way people write them: 0.0123, 0.123, 1.23, 12.3, 123. */
static const char *digits(double value, const char *suffix, char *out, size_t size)
{
    double a = fabs(value);
    int places = a >= 99.95 || a == 0 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3;

    if (a > 0 && a < 0.1)
        snprintf(out, size, "%.3g%s", value, suffix);
    else
        snprintf(out, size, "%.*f%s", places, value, suffix);
    return out;
}

static const struct scale byte_scales[] = {
    {0x1p40, " TiB"}, {0x1p30, " GiB"}, {0x1p20, " MiB"}, {0x1p10, " KiB"}, {1, " B"}};

static const char *scaled(double value, const struct scale *scales, size_t count, char *out, size_t size)
{
    size_t i = 0;

    /* 999.5 would print as 1000 */
    while (i + 1 < count && fabs(value) < scales[i].factor * 0.9995)
        i++;
    return digits(value / scales[i].factor, scales[i].name, out, size);
}

const char *text_quantity(double value, const char *unit, char *out, size_t size)
{
    static const struct scale time[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}, {1, " ns"}};
    static const struct scale plain[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};
    char suffix[64];

    if (isnan(value)) {
        snprintf(out, size, "-");
        return out;
    }
    if (!strcmp(unit, "ns"))
        return scaled(value, time, 4, out, size);
    if (!strcmp(unit, "s"))
        return scaled(value * 1e9, time, 4, out, size);
    if (!strcmp(unit, "bytes"))
        return scaled(value, byte_scales, 5, out, size);
    if (!strcmp(unit, "1") || !*unit)
        return fabs(value) < 1000 ? digits(value, "", out, size) : scaled(value, plain, 5, out, size);
    snprintf(suffix, sizeof suffix, " %s", unit);
    return digits(value, suffix, out, size);
}

const char *text_bytes_words(double bytes, char *out, size_t size)
{
    size_t i = 0;

    while (byte_scales[i].factor > 1 && bytes < byte_scales[i].factor)
        i++;
    snprintf(out, size, "%.4g%s", bytes / byte_scales[i].factor, byte_scales[i].name);
    return out;
}

const char *text_duration_words(double seconds, char *out, size_t size)
{
    long whole = lround(seconds);

    if (!(seconds >= 0) || seconds > 1e9)
        snprintf(out, size, "unknown");
    else if (whole < 60)
        snprintf(out, size, "%ld s", whole);
    else if (whole < 3600)
        snprintf(out, size, "%ld min %02ld s", whole / 60, whole % 60);
    else
        snprintf(out, size, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
    return out;
}

const char *text_percent(double share, char *out, size_t size)
{
    snprintf(out, size, fabs(share) < 0.0995 ? "%.2g %%" : "%.0f %%", 100 * share);
    return out;
}

const char *text_change_words(double ratio, char *out, size_t size)
{
    double percent = 100 * (ratio - 1);

    if (isnan(ratio))
        snprintf(out, size, "unknown");
    else if (isinf(ratio))
        snprintf(out, size, "from zero");
    else if (fabs(percent) < 0.005)
        snprintf(out, size, "0 %%");
    else if (ratio >= 10)
        snprintf(out, size, "x%.3g", ratio);
    else
        snprintf(out, size, "%+.*f %%", fabs(percent) < 1 ? 2 : 1, percent);
    return out;
}

const char *text_plural(size_t n, const char *many)
{
    return n == 1 ? "" : many;
}
