/* Quantize from int16 to uint8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_s16_u8, int16_t, uint8_t, 0, UINT8_MAX)
