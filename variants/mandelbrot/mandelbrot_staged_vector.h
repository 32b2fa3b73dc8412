/*
 * The staged computation with one width of vector: included once per instruction set, with these macros defined, which it
 * undefines at its end.
 *
 *   V(name)          name with the instruction set behind it
 *   V_TARGET         attribute that lets the compiler use it
 *   V_LANES          doubles in a vector
 *   V_EACH(DO)       DO(0) DO(1) ...: once per vector in flight; V_GROUP is their number
 *   V_BITS(mask)     a comparison's result as one bit per lane; or V_MASK_REGISTERS 1 with the AVX-512 intrinsics
 *   V_FMA, V_FNMA    a*b+c and c-a*b with one rounding; left out where there is no such instruction
 *   V_FUSED_DOUBLING(i)   should vector i form 2xy+cy as fma(xy, 2, cy)? It has the same bits, for doubling is exact.
 */
typedef double V(vec) __attribute__((vector_size(V_LANES * 8)));
typedef double V(loose) __attribute__((vector_size(V_LANES * 8), aligned(8), may_alias));
typedef int64_t V(ints) __attribute__((vector_size(V_LANES * 8)));
typedef int64_t V(loose_ints) __attribute__((vector_size(V_LANES * 8), aligned(8), may_alias));

#define V_INLINE static inline __attribute__((always_inline)) V_TARGET
#define V_ALL ((1U << V_LANES) - 1)
#define V_AT(p, i) (*(V(loose) *)((p) + (size_t)(i)*V_LANES))
#define V_AT_CONST(p, i) (*(const V(loose) *)((p) + (size_t)(i)*V_LANES))

/* ---- what differs between instruction sets ---- */

#ifdef V_MASK_REGISTERS
typedef __mmask8 V(alive);
#define V_ALIVE(norm) _mm512_cmp_pd_mask(norm, _mm512_set1_pd(4.0), _CMP_LE_OQ)
#define V_TALLY(count, mask)                                                                                           \
    ((V(ints))_mm512_mask_add_epi64((__m512i)(count), mask, (__m512i)(count), _mm512_set1_epi64(1)))
#undef V_BITS
#define V_BITS(mask) ((unsigned)(mask))
#else
typedef V(ints) V(alive);
#define V_ALIVE(norm) ((norm) <= 4.0)
#define V_TALLY(count, mask) ((count) - (mask))
#endif

/* One iteration of vector i: a macro, for the order of its parts is what the compilers keep. Everything is rounded as in the
 * scalar loop, unless STAGED_FUSED. */
#if STAGED_FUSED
#define V_STEP(i, x, y, cx, cy)                                                                                        \
    {                                                                                                                  \
        V(vec) twice = (x) + (x);                                                                                      \
                                                                                                                       \
        (x) = V_FMA(x, x, V_FNMA(y, y, cx));                                                                           \
        (y) = V_FMA(twice, y, cy);                                                                                     \
    }
#else
#ifdef V_FMA
#define V_TWICE_PLUS(i, x, y, cy)                                                                                      \
    (V_FUSED_DOUBLING(i) ? (V(vec))V_FMA((x) * (y), (V(vec)){0} + 2.0, cy) : ((x) + (x)) * (y) + (cy))
#else
#define V_TWICE_PLUS(i, x, y, cy) (((x) + (x)) * (y) + (cy))
#endif
#define V_STEP(i, x, y, cx, cy)                                                                                        \
    {                                                                                                                  \
        V(vec) xx = (x) * (x), yy = (y) * (y);                                                                         \
                                                                                                                       \
        (y) = V_TWICE_PLUS(i, x, y, cy);                                                                               \
        (x) = (xx - yy) + (cx);                                                                                        \
    }
#endif

/* ---- the two loops ---- */

/*
 * `length` iterations of a group, no test. A function of its own, for with anything else around it the compilers keep too much
 * in registers and spill in this loop, which is nine tenths of the time.
 */
static __attribute__((noinline)) V_TARGET void V(block)(const double *x, const double *y, const double *cx,
                                                        const double *cy, double *next_x, double *next_y, int length)
{
#define V_LOAD(i) V(vec) x##i = V_AT_CONST(x, i), y##i = V_AT_CONST(y, i);
    V_EACH(V_LOAD)
#undef V_LOAD
    for (int n = 0; n < length; n++) {
#define V_ITERATE(i)                                                                                                   \
    V_STEP(i, x##i, y##i, V_AT_CONST(cx, i), V_AT_CONST(cy, i))                                                        \
    STAGED_IN_ORDER(x##i, y##i);
        V_EACH(V_ITERATE)
#undef V_ITERATE
    }
#define V_SAVE(i) V_AT(next_x, i) = x##i, V_AT(next_y, i) = y##i;
    V_EACH(V_SAVE)
#undef V_SAVE
}

/*
 * At most `length` iterations of four vectors, tested one by one: `count` becomes the number of tests passed. Ends early when
 * all are dead.
 */
#define V_FOUR(DO) DO(0) DO(1) DO(2) DO(3)
static __attribute__((noinline)) V_TARGET void V(tested)(const double *x, const double *y, const double *cx,
                                                         const double *cy, double *next_x, double *next_y,
                                                         V(ints) * count, int length)
{
#define V_LOAD(i)                                                                                                      \
    V(vec) x##i = V_AT_CONST(x, i), y##i = V_AT_CONST(y, i);                                                           \
    V(ints) count##i = {0};                                                                                            \
    V(alive) alive##i;
    V_FOUR(V_LOAD)
#undef V_LOAD
    for (int n = 0; n < length; n++) {
#define V_ITERATE(i)                                                                                                   \
    alive##i = V_ALIVE(x##i * x##i + y##i * y##i);                                                                     \
    count##i = V_TALLY(count##i, alive##i);                                                                            \
    V_STEP(i, x##i, y##i, V_AT_CONST(cx, i), V_AT_CONST(cy, i))
        V_FOUR(V_ITERATE)
#undef V_ITERATE
        if (!V_BITS((alive0 | alive1) | (alive2 | alive3)))
            break;
    }
#define V_SAVE(i) V_AT(next_x, i) = x##i, V_AT(next_y, i) = y##i, count[i] = count##i;
    V_FOUR(V_SAVE)
#undef V_SAVE
}

/* ---- lists ---- */

/* Appends the lanes of `mask` at `n`; answers the new length. May write a whole vector there. */
V_INLINE size_t V(push)(const struct staged_list *to, size_t n, unsigned mask, V(vec) x, V(vec) y, V(vec) cx, V(vec) cy,
                        V(ints) pixel)
{
#ifdef V_MASK_REGISTERS
    __mmask8 m = (__mmask8)mask;

    _mm512_storeu_pd(to->x + n, _mm512_maskz_compress_pd(m, x));
    _mm512_storeu_pd(to->y + n, _mm512_maskz_compress_pd(m, y));
    _mm512_storeu_pd(to->cx + n, _mm512_maskz_compress_pd(m, cx));
    _mm512_storeu_pd(to->cy + n, _mm512_maskz_compress_pd(m, cy));
    _mm512_storeu_si512(to->pixel + n, _mm512_maskz_compress_epi64(m, (__m512i)pixel));
    return n + (size_t)__builtin_popcount(mask);
#else
    if (mask == V_ALL) {
        V_AT(to->x + n, 0) = x;
        V_AT(to->y + n, 0) = y;
        V_AT(to->cx + n, 0) = cx;
        V_AT(to->cy + n, 0) = cy;
        *(V(loose_ints) *)(to->pixel + n) = pixel;
        return n + V_LANES;
    }
    for (; mask; mask &= mask - 1, n++) {
        int lane = __builtin_ctz(mask);

        to->x[n] = x[lane];
        to->y[n] = y[lane];
        to->cx[n] = cx[lane];
        to->cy[n] = cy[lane];
        to->pixel[n] = pixel[lane];
    }
    return n;
#endif
}

/* The lanes of a vector at `at` that lie before a list's end. */
V_INLINE unsigned V(valid)(size_t at, size_t end)
{
    return at + V_LANES <= end ? V_ALL : at < end ? (1U << (end - at)) - 1 : 0;
}

/* Fills the lanes behind a list's end, so that a group which sticks out computes something harmless. */
static inline void V(pad)(const struct staged_list *l, size_t n, size_t group, double x)
{
    for (; n % group; n++) {
        l->x[n] = x;
        l->y[n] = l->cx[n] = l->cy[n] = 0;
    }
}

/* Finds the iteration in which each of the `n` dead points died, counted from `base`. */
static V_TARGET void V(settle)(const struct staged *s, size_t n, int base, int length, int maxiter, int32_t *out)
{
    const struct staged_list *l = &s->dead;
    V(ints) count[4];

    V(pad)(l, n, 4 * V_LANES, 4.0);
    for (size_t at = 0; at < n; at += 4 * V_LANES) {
        V(tested)(l->x + at, l->y + at, l->cx + at, l->cy + at, s->next, s->next + STAGED_SLACK, count, length);
        for (size_t i = at; i < n && i < at + 4 * V_LANES; i++) {
            int64_t it = base + count[(i - at) / V_LANES][(i - at) % V_LANES];

            if (it < maxiter)
                out[l->pixel[i]] = (int32_t)it;
        }
    }
}

/* One block of `length` iterations of the `n` living points, and what follows from it; answers how many live on. */
static V_TARGET size_t V(stage)(const struct staged *s, size_t n, int base, int length, int maxiter, int32_t *out)
{
    const struct staged_list *l = &s->live;
    size_t kept = 0, lost = 0;

    V(pad)(l, n, V_GROUP * V_LANES, 0);
    for (size_t group = 0; group < n; group += V_GROUP * V_LANES) {
        V(block)(l->x + group, l->y + group, l->cx + group, l->cy + group, s->next, s->next + STAGED_SLACK, length);
        for (size_t i = 0; i < V_GROUP && group + i * V_LANES < n; i++) {
            size_t at = group + i * V_LANES;
            V(vec) x = V_AT(s->next, i), y = V_AT(s->next + STAGED_SLACK, i);
            V(vec) cx = V_AT(l->cx + at, 0), cy = V_AT(l->cy + at, 0);
            V(ints) pixel = *(V(loose_ints) *)(l->pixel + at);
            unsigned valid = V(valid)(at, n), alive = V_BITS(V_ALIVE(x * x + y * y)) & valid;

            if (alive != valid)
                lost = V(push)(&s->dead, lost, valid & ~alive, V_AT(l->x + at, 0), V_AT(l->y + at, 0), cx, cy, pixel);
            kept = V(push)(l, kept, alive, x, y, cx, cy, pixel);
        }
    }
    V(settle)(s, lost, base, length, maxiter, out);
    return kept;
}

/* ---- a tile ---- */

/* Writes the points of a tile, z = c as after the first iteration, into the dead list, which is free until the first stage. */
static V_TARGET void V(fill)(const struct mandelbrot *m, const struct staged *s, int64_t first, int64_t count)
{
    int64_t row = first / m->width, column = first % m->width;

    for (int64_t i = 0; i < count; row++, column = 0) {
        int64_t end = i + (m->width - column) < count ? i + (m->width - column) : count;
        double y = m->y[row];

        memcpy(s->dead.cx + i, m->x + column, (size_t)(end - i) * sizeof(double));
        for (; i < end; i++)
            s->dead.cy[i] = y;
    }
}

/* Writes one vector of the picture: the iteration of the dead, 0 for the living. Answers who lives. */
V_INLINE unsigned V(note)(V(ints) tests, int length, unsigned valid, int32_t *out)
{
#ifdef V_MASK_REGISTERS
    unsigned living = V_BITS(_mm512_cmpeq_epi64_mask((__m512i)tests, _mm512_set1_epi64(length))) & valid;
    __m256i it = _mm512_maskz_cvtepi64_epi32((__mmask8)~living, (__m512i)tests);

    _mm256_mask_storeu_epi32(out, (__mmask8)valid, it);
    return living;
#else
    V(ints) alive = tests == length, it = tests & ~alive;

    for (int lane = 0; lane < V_LANES; lane++)
        if (valid >> lane & 1)
            out[lane] = (int32_t)it[lane];
    return V_BITS(alive) & valid;
#endif
}

/* The first iterations of all points of a tile; answers how many live on. */
static V_TARGET size_t V(begin)(const struct staged *s, int64_t first, int64_t count, int length, int32_t *out)
{
    const struct staged_list *l = &s->dead;
    size_t kept = 0;
    V(ints) tests[4], pixel;

    for (int lane = 0; lane < V_LANES; lane++)
        pixel[lane] = first + lane;
    for (int64_t at = 0; at < count; at += 4 * V_LANES) {
        V(tested)(l->cx + at, l->cy + at, l->cx + at, l->cy + at, s->next, s->next + STAGED_SLACK, tests, length);
        for (int i = 0; i < 4 && at + i * V_LANES < count; i++, pixel += V_LANES) {
            int64_t here = at + i * V_LANES;
            unsigned valid = V(valid)((size_t)here, (size_t)count);
            unsigned living = V(note)(tests[i], length, valid, out + first + here);

            if (living)
                kept = V(push)(&s->live, kept, living, V_AT(s->next, i), V_AT(s->next + STAGED_SLACK, i),
                               V_AT(l->cx + here, 0), V_AT(l->cy + here, 0), pixel);
        }
    }
    return kept;
}

static V_TARGET void V(tile)(const struct mandelbrot *m, const struct staged *s, int64_t first, int64_t count,
                             int32_t *out)
{
    int done = m->maxiter < STAGED_FIRST ? m->maxiter : STAGED_FIRST;
    size_t n;

    V(fill)(m, s, first, count);
    n = V(begin)(s, first, count, done, out);
    while (n && done < m->maxiter) {
        int length = staged_length(done, m->maxiter);

        n = V(stage)(s, n, done, length, m->maxiter, out);
        done += length;
    }
}

#undef V
#undef V_TARGET
#undef V_LANES
#undef V_EACH
#undef V_GROUP
#undef V_BITS
#undef V_MASK_REGISTERS
#undef V_FMA
#undef V_FNMA
#undef V_FUSED_DOUBLING
#undef V_INLINE
#undef V_ALL
#undef V_AT
#undef V_AT_CONST
#undef V_ALIVE
#undef V_TALLY
#undef V_FOUR
#undef V_STEP
#undef V_TWICE_PLUS
