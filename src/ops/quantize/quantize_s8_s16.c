/* Quantize from int8 to int16. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s8_s16, int8_t, int16_t, INT16_MIN, INT16_MAX)
