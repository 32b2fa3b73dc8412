/* A module that was made for another version of variant.h: for the test of what loads them. */
extern const struct {
    int abi;
    void *functions[8];
} variant_module;

const __typeof__(variant_module) variant_module = {.abi = 1};
