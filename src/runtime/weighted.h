/* Where the kernels of layers with weights, and those in tiles, find their operands: the first
 * three are the same for all types. */
#ifndef MOTE_RUNTIME_WEIGHTED_H
#define MOTE_RUNTIME_WEIGHTED_H

enum {
  MOTE_INPUT,
  MOTE_WEIGHTS,
  MOTE_BIAS, /* may be absent */
  MOTE_F32_OUTPUT,
  MOTE_F32_SCRATCH,
  /* int8 weights on inputs that were quantized on the fly */
  MOTE_F32S8_WEIGHT_SCALE = MOTE_BIAS + 1,
  MOTE_F32S8_INPUT_SCALE,
  MOTE_F32S8_ZERO_POINT,
  MOTE_F32S8_OUTPUT,
  MOTE_F32S8_SCRATCH,
  /* int8 and int16 */
  MOTE_INTEGER_MULTIPLIER = MOTE_BIAS + 1,
  MOTE_INTEGER_SHIFT,
  MOTE_INTEGER_OUTPUT,
  MOTE_INTEGER_SCRATCH
};

#endif
