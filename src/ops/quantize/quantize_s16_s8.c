/* Quantize from int16 to int8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s16_s8, int16_t, int8_t, INT8_MIN, INT8_MAX)
