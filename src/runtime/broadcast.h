/* The geometry of an elementwise kernel with two operands: ops/broadcast.h computes it, kernels
 * list it among their fields. A broadcast dimension has step 0; image and row steps count images
 * and rows, the others elements. */
#ifndef MOTE_RUNTIME_BROADCAST_H
#define MOTE_RUNTIME_BROADCAST_H

#include "runtime/operand.h"

/* The operands of such a kernel. */
enum { MOTE_BINARY_A, MOTE_BINARY_B, MOTE_BINARY_OUTPUT };

#define MOTE_BROADCAST_FIELDS(FIELD) \
  FIELD(int32_t, batch)              \
  FIELD(int32_t, width)              \
  FIELD(int32_t, channels)           \
  FIELD(int32_t, a_image_step)       \
  FIELD(int32_t, a_row_step)         \
  FIELD(int32_t, a_width_step)       \
  FIELD(int32_t, a_channel_step)     \
  FIELD(int32_t, b_image_step)       \
  FIELD(int32_t, b_row_step)         \
  FIELD(int32_t, b_width_step)       \
  FIELD(int32_t, b_channel_step)

#endif
