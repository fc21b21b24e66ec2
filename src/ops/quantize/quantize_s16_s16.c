/* Quantize from int16 to int16. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s16_s16, int16_t, int16_t, INT16_MIN, INT16_MAX)
