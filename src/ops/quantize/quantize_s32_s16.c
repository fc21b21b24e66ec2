/* Quantize from int32 to int16. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s32_s16, int32_t, int16_t, INT16_MIN, INT16_MAX)
