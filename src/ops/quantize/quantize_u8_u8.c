/* Quantize from uint8 to uint8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_u8_u8, uint8_t, uint8_t, 0, UINT8_MAX)
