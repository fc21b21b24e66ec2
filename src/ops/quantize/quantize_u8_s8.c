/* Quantize from uint8 to int8. */
#include "ops/quantize/quantize_loop.h"

MOTE_QUANTIZE_INTEGERS(mote_quantize_u8_s8, uint8_t, int8_t, INT8_MIN, INT8_MAX)
