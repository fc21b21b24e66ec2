/* Quantize from int8 to uint8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s8_u8, int8_t, uint8_t, 0, UINT8_MAX)
