/* A recursive-descent evaluator: see formula.h for the grammar. */
#include "formula.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { depth_limit = 100, name_limit = 128 };

struct parser {
    const char *text, *at;
    formula_lookup *lookup;
    void (*each)(const char *name, void *user);
    void *user;
    struct err *e;
    int depth;
    int failed;
};

static double expression(struct parser *p);

static double fail(struct parser *p, const char *what)
{
    if (!p->failed)
        err_set(p->e, CM_USAGE, "formula '%s': %s at position %d", p->text, what, (int)(p->at - p->text) + 1);
    p->failed = 1;
    return NAN;
}

static void spaces(struct parser *p)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
}

static double name(struct parser *p)
{
    char word[name_limit];
    size_t n = 0;

    while (isalnum((unsigned char)*p->at) || (*p->at && strchr("_.:", *p->at))) {
        if (n + 1 == sizeof word)
            return fail(p, "a name is too long");
        word[n++] = *p->at++;
    }
    word[n] = '\0';
    if (p->each)
        p->each(word, p->user);
    return p->lookup ? p->lookup(word, p->user) : NAN;
}

static double primary(struct parser *p)
{
    double value;
    char *end;

    spaces(p);
    if (*p->at == '(') {
        if (++p->depth > depth_limit)
            return fail(p, "too many parentheses");
        p->at++;
        value = expression(p);
        spaces(p);
        if (*p->at != ')')
            return fail(p, "a ')' is missing");
        p->at++;
        p->depth--;
        return value;
    }
    if (isdigit((unsigned char)*p->at) || *p->at == '.') {
        value = strtod(p->at, &end);
        if (end == p->at)
            return fail(p, "a number is wrong");
        p->at = end;
        return value;
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_')
        return name(p);
    return fail(p, "a number, a name or '(' is missing");
}

/* A run of minus signs is counted, not recursed into: hostile input must not exhaust the stack. */
static double factor(struct parser *p)
{
    int negative = 0;
    double value;

    for (spaces(p); *p->at == '-'; spaces(p)) {
        p->at++;
        negative = !negative;
    }
    value = primary(p);
    return negative ? -value : value;
}

static double term(struct parser *p)
{
    double value = factor(p);

    for (spaces(p); !p->failed && (*p->at == '*' || *p->at == '/'); spaces(p)) {
        char sign = *p->at++;
        double right = factor(p);

        if (sign == '*')
            value *= right;
        else
            value = right == 0 ? NAN : value / right;
    }
    return value;
}

static double expression(struct parser *p)
{
    double value = term(p);

    for (spaces(p); !p->failed && (*p->at == '+' || *p->at == '-'); spaces(p)) {
        char sign = *p->at++;
        double right = term(p);

        value = sign == '+' ? value + right : value - right;
    }
    return value;
}

static int parse(struct parser *p, double *value)
{
    *value = expression(p);
    spaces(p);
    if (!p->failed && *p->at)
        fail(p, "something follows the end");
    return p->failed ? -1 : 0;
}

int formula_evaluate(const char *formula, formula_lookup *lookup, void *user, double *value, struct err *e)
{
    struct parser p = {.text = formula, .at = formula, .lookup = lookup, .user = user, .e = e};

    return parse(&p, value);
}

int formula_names(const char *formula, void (*each)(const char *name, void *user), void *user, struct err *e)
{
    struct parser p = {.text = formula, .at = formula, .each = each, .user = user, .e = e};
    double ignored;

    return parse(&p, &ignored);
}
