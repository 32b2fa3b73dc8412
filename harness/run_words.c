/*
 * A command line as text and back, so that a stored run tells how it was made and can be gone on with.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

static bool plain(const char *word)
{
    return *word &&
           strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-") == strlen(word);
}

char *run_quote(int argc, char *const *argv)
{
    struct buf b = {0};

    for (int i = 0; i < argc; i++) {
        if (i)
            buf_add(&b, " ");
        if (plain(argv[i])) {
            buf_add(&b, argv[i]);
            continue;
        }
        buf_add(&b, "'");
        for (const char *p = argv[i]; *p; p++)
            if (*p == '\'')
                buf_add(&b, "'\\''");
            else
                buf_add_n(&b, p, 1);
        buf_add(&b, "'");
    }
    return b.text ? buf_take(&b) : mem_copy("");
}

/* One word from *at to `out`, which has room; the place behind it, or NULL if a quote is open. */
static const char *take_word(const char *at, char **out)
{
    bool quoted = false;

    for (; *at && (quoted || *at != ' '); at++) {
        if (*at == '\'')
            quoted = !quoted;
        else if (*at == '\\' && !quoted && at[1])
            *(*out)++ = *++at;
        else
            *(*out)++ = *at;
    }
    *(*out)++ = 0;
    return quoted ? NULL : at;
}

char **run_unquote(const char *line, size_t *count)
{
    size_t length = strlen(line), table = (length / 2 + 3) * sizeof(char *);
    char **words = mem_new(1, table + length + 2);
    char *out = (char *)words + table;

    *count = 0;
    for (const char *at = line; at && *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        words[(*count)++] = out;
        at = take_word(at, &out);
        if (!at) {
            free(words);
            return NULL;
        }
    }
    return words;
}
