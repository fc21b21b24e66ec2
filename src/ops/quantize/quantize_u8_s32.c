/* Quantize from uint8 to int32. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_u8_s32, uint8_t, int32_t, INT32_MIN, INT32_MAX)
