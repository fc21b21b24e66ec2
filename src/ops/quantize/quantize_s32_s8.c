/* Quantize from int32 to int8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s32_s8, int32_t, int8_t, INT8_MIN, INT8_MAX)
