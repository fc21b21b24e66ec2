/* Quantize from int32 to uint8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s32_u8, int32_t, uint8_t, 0, UINT8_MAX)
