/* The sizes of the caches of data, as the kernel tells them, and what follows for misses. */
#include "levels.h"

#define INDEXES 8 /* caches of a CPU */
#define FOLDER "/sys/devices/system/cpu/cpu0/cache"

static int read_word(int index, const char *name, char *word, size_t size)
{
    char path[100];
    FILE *f;
    int found;

    *word = '\0';
    snprintf(path, sizeof path, FOLDER "/index%d/%s", index, name);
    f = fopen(path, "re");
    if (!f)
        return -1;
    found = fgets(word, (int)size, f) ? 0 : -1;
    word[strcspn(word, "\n")] = '\0';
    fclose(f);
    return found;
}

/* "48K" */
static double size_of(const char *word)
{
    char *unit;
    double size = strtod(word, &unit);

    return *unit == 'K' ? size * 1024 : *unit == 'M' ? size * 1024 * 1024 : size;
}

/* Bytes of the first, second and last level of data; 0 where it is not known. */
static void read_sizes(double bytes[3])
{
    int last = 0;

    memset(bytes, 0, 3 * sizeof *bytes);
    for (int i = 0; i < INDEXES; i++) {
        char type[40], word[40];
        int level;
        double size;

        if (read_word(i, "type", type, sizeof type) || !strcmp(type, "Instruction") ||
            read_word(i, "level", word, sizeof word))
            continue;
        level = (int)strtol(word, NULL, 10);
        size = read_word(i, "size", word, sizeof word) ? 0 : size_of(word);
        if (level == 1 || level == 2)
            bytes[level - 1] = size;
        if (level >= last) {
            last = level;
            bytes[2] = size;
        }
    }
}

static struct expected misses(const char *event, double level, double footprint, double n, double lines)
{
    if (level <= 0)
        return (struct expected){event, TRUTH_UNKNOWN, 0, "the kernel does not tell how large this level is"};
    if (footprint * TRUTH_HELD <= level && lines <= n)
        return (struct expected){event, 0, 0.02, "the footprint is at most a quarter of this level"};
    if (footprint * TRUTH_HELD <= level)
        return (struct expected){event, TRUTH_UNKNOWN, 0, "an execution does not visit all that this level holds"};
    if (footprint >= TRUTH_LOST * level)
        return (struct expected){event, n, 0, NULL};
    return (struct expected){event, TRUTH_UNKNOWN, 0,
                             "the footprint is neither a quarter of this level nor eight times as large"};
}

size_t truth_level_misses(const struct run *r, struct expected *out, double distance, double tolerance,
                          const char *because)
{
    static const char *const events[] = {"l1d_misses", "l2_misses", "llc_misses"};
    double bytes[3], footprint = (double)run_number(r, "size");

    read_sizes(bytes);
    for (size_t i = 0; i < 3; i++) {
        out[i] = misses(events[i], bytes[i], footprint, truth_rounds(r), footprint / distance);
        if (!out[i].because) {
            out[i].tolerance = tolerance;
            out[i].because = because;
        }
    }
    return 3;
}
