/* What the kernels of Conv2D by pairs make of a channel's sums at neighbouring pixels. Tested by
 * tests/differential/rows_test.cc. */
#ifndef MOTE_OPS_CONV2D_CONV2D_PUT_DSP_H
#define MOTE_OPS_CONV2D_CONV2D_PUT_DSP_H

#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/arithmetic/requantize_dsp.h"
#include "runtime/linkage.h"

/* At pixels that lie `step` bytes apart. */
static MOTE_RARE void mote_conv2d_put(const mote_conv2d_s8_dsp_params* p,
                                      const mote_dsp_rescaling* r, const int32_t* sum,
                                      int32_t pixels, int8_t* out, int32_t step) {
  const int32_t offset = p->output_zero_point;
  const int32_t min = p->activation_min, max = p->activation_max;
  for (const int32_t* end = sum + pixels; sum != end; out += step)
    *out = (int8_t)mote_clamp_s32(mote_rescale_dsp(*sum++, r, offset), min, max);
}

#endif
