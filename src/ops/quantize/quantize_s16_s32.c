/* Quantize from int16 to int32. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s16_s32, int16_t, int32_t, INT32_MIN, INT32_MAX)
