/*
 * Reads the scripts of the scripted collector; fake.h describes them.
 *
 * A script is checked as a whole when it is loaded: every key and every value, so that a mistyped rule is a sentence and not
 * a test that passes for the wrong reason.
 */
#include "fake_script.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* One rule under inspection: for the sentences. */
struct spot {
    const char *path;
    size_t rule;
    struct err *e;
};

static int rule_error(const struct spot *s, const char *key, const char *expected)
{
    return err_set(s->e, CM_USAGE, "%s: rule %zu: \"%s\" must be %s", s->path, s->rule, key, expected);
}

static int number_parse(const struct spot *s, const char *key, const json_t *v, double *out)
{
    if (!json_is_number(v))
        return rule_error(s, key, "a number");
    *out = json_number_value(v);
    return 0;
}

static int string_parse(const struct spot *s, const char *key, const json_t *v, const char **out)
{
    if (!json_is_string(v))
        return rule_error(s, key, "a text");
    *out = json_string_value(v);
    return 0;
}

/* Reads digits at *text and moves behind them; -1 if there are none or too many. */
static long digits(const char **text)
{
    char *end;
    long n;

    if (!isdigit((unsigned char)**text))
        return -1;
    n = strtol(*text, &end, 10);
    *text = end;
    return n <= INT32_MAX ? n : -1;
}

/* 3 or "3" or "0-3". */
static int range_parse(const struct spot *s, const char *key, const json_t *v, struct range *out)
{
    const char *text = json_string_value(v);

    if (json_is_integer(v)) {
        out->low = out->high = (long)json_integer_value(v);
    } else if (text) {
        out->low = out->high = digits(&text);
        if (*text == '-') {
            text++;
            out->high = digits(&text);
        }
    }
    if ((!json_is_integer(v) && (!text || *text)) || out->low < 0 || out->high < out->low)
        return rule_error(s, key, "a number from 0 on, or a range as in \"0-3\"");
    return 0;
}

static int quality_parse(const struct spot *s, const json_t *v, enum quality *out)
{
    const char *name = json_string_value(v);

    for (int q = QUALITY_EXACT; name && q <= QUALITY_UNAVAILABLE; q++)
        if (!strcmp(quality_name((enum quality)q), name)) {
            *out = (enum quality)q;
            return 0;
        }
    return rule_error(s, "quality", "exact, multiplexed, simulated, derived, suspect or unavailable");
}

static int error_parse(const struct spot *s, const json_t *v, const char **out)
{
    static const char *const words[] = {"crash", "hang", "memory", "garbage", "wrong", "untouched"};
    const char *text = json_string_value(v);

    *out = text;
    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
        if (!strcmp(text, words[i]))
            return 0;
    if (text && text_starts(text, "exit:")) {
        const char *number = text + strlen("exit:");
        long status = digits(&number);

        if (status > 0 && status < 256 && !*number)
            return 0;
    }
    if (text && text_starts(text, "unavailable:") && text[strlen("unavailable:")])
        return 0;
    return rule_error(s, "error", "crash, hang, memory, exit:1..255, garbage, wrong, untouched or unavailable:reason");
}

static int key_parse(const struct spot *s, struct rule *r, const char *key, const json_t *v)
{
    static const char *const known[] = {"point", "launch", "repetition", "metric", "value", "scale",
                                        "add",   "noise",  "quality",    "reason", "error"};
    char near[200];

    if (!strcmp(key, "point"))
        return string_parse(s, key, v, &r->point);
    if (!strcmp(key, "metric"))
        return string_parse(s, key, v, &r->metric);
    if (!strcmp(key, "launch"))
        return range_parse(s, key, v, &r->launch);
    if (!strcmp(key, "repetition"))
        return range_parse(s, key, v, &r->repetition);
    if (!strcmp(key, "value"))
        return r->keys |= KEY_VALUE, number_parse(s, key, v, &r->value);
    if (!strcmp(key, "scale"))
        return r->keys |= KEY_SCALE, number_parse(s, key, v, &r->scale);
    if (!strcmp(key, "add"))
        return r->keys |= KEY_ADD, number_parse(s, key, v, &r->add);
    if (!strcmp(key, "noise"))
        return r->keys |= KEY_NOISE, number_parse(s, key, v, &r->noise);
    if (!strcmp(key, "quality"))
        return r->keys |= KEY_QUALITY, quality_parse(s, v, &r->quality);
    if (!strcmp(key, "reason"))
        return r->keys |= KEY_REASON, string_parse(s, key, v, &r->reason);
    if (!strcmp(key, "error"))
        return r->keys |= KEY_ERROR, error_parse(s, v, &r->error);
    text_near(key, known, sizeof known / sizeof *known, near, sizeof near);
    return err_set(s->e, CM_USAGE, "%s: rule %zu: unknown key \"%s\"%s", s->path, s->rule, key, near);
}

static int rule_parse(const struct spot *s, json_t *object, struct rule *r)
{
    const char *key;
    json_t *v;

    *r = (struct rule){.launch = {0, INT32_MAX}, .repetition = {-1, INT32_MAX}};
    if (!json_is_object(object))
        return err_set(s->e, CM_USAGE, "%s: rule %zu must be an object as in {\"metric\": \"wall.time\", \"scale\": 2}",
                       s->path, s->rule);
    json_object_foreach(object, key, v)
    {
        if (key_parse(s, r, key, v))
            return -1;
    }
    if (!r->keys)
        return err_set(s->e, CM_USAGE,
                       "%s: rule %zu does nothing: give it a value, scale, add, noise, quality or error", s->path,
                       s->rule);
    if (r->noise < 0)
        return rule_error(s, "noise", "a standard deviation, 0 or more");
    return 0;
}

static int rules_parse(struct fake *f, json_t *list, struct err *e)
{
    size_t i;
    json_t *object;

    if (!json_is_array(list))
        return err_set(e, CM_USAGE, "%s: \"rules\" must be a list of objects", f->path);
    f->rules = mem_new(json_array_size(list) + 1, sizeof *f->rules);
    json_array_foreach(list, i, object)
    {
        struct spot s = {f->path, i + 1, e};

        if (rule_parse(&s, object, &f->rules[i]))
            return -1;
        f->rule_count++;
    }
    return 0;
}

static int facts_check(const struct fake *f, json_t *facts, struct err *e)
{
    const char *name;
    json_t *v;

    if (!json_is_object(facts))
        return err_set(e, CM_USAGE, "%s: \"facts\" must be an object of texts", f->path);
    json_object_foreach(facts, name, v)
    {
        if (!json_is_string(v))
            return err_set(e, CM_USAGE, "%s: the fact \"%s\" must be a text", f->path, name);
    }
    return 0;
}

static int script_parse(struct fake *f, struct err *e)
{
    const char *key;
    json_t *v;

    if (!json_is_object(f->root))
        return err_set(e, CM_USAGE, "%s: a script is one object with \"facts\" and \"rules\"", f->path);
    json_object_foreach(f->root, key, v)
    {
        int status = 0;

        if (!strcmp(key, "facts"))
            status = facts_check(f, v, e);
        else if (!strcmp(key, "rules"))
            status = rules_parse(f, v, e);
        else if (!strcmp(key, "seed") && json_is_integer(v))
            f->seed = (uint64_t)json_integer_value(v);
        else if (!strcmp(key, "seed"))
            status = err_set(e, CM_USAGE, "%s: \"seed\" must be a whole number", f->path);
        else
            status = err_set(e, CM_USAGE, "%s: unknown key \"%s\": a script has facts, rules and seed", f->path, key);
        if (status)
            return -1;
    }
    return 0;
}

struct fake *fake_load(const char *path, struct err *e)
{
    struct fake *f = mem_new(1, sizeof *f);
    json_error_t where;

    f->path = mem_copy(path);
    f->root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    if (!f->root && where.line < 1)
        err_set(e, CM_USAGE, "%s: cannot read the script: %s", path, where.text);
    else if (!f->root)
        err_set(e, CM_USAGE, "%s, line %d, column %d: %s", path, where.line, where.column, where.text);
    if (!f->root || script_parse(f, e)) {
        fake_free(f);
        return NULL;
    }
    return f;
}

void fake_free(struct fake *f)
{
    if (!f)
        return;
    json_decref(f->root);
    free(f->rules);
    free(f->path);
    free(f);
}
