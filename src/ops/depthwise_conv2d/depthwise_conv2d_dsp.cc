// What the kernels by pairs need beside the reference. Tested by
// tests/differential/rows_test.cc.
#include "ops/kernel.h"
#include "runtime/arithmetic/requantize.h"

extern "C" {
#include "ops/depthwise_conv2d/depthwise_conv2d_dsp.h"
}

namespace mote {

// Pointers are as large on the host as they can be.
bool depthwise_conv2d_by_pairs(Call& call, std::vector<Constant>&) {
  const auto p = params_of<mote_depthwise_conv2d_s8_params>(call);
  if (p.rounding != MOTE_ROUNDING_DOUBLE) return false;
  call.scratch_bytes = mote_depthwise_conv2d_dsp_scratch_bytes(&p);
  return true;
}

bool depthwise_conv2d_by_planes(Call& call, std::vector<Constant>&) {
  const auto p = params_of<mote_depthwise_conv2d_s8_params>(call);
  if (p.rounding != MOTE_ROUNDING_DOUBLE) return false;
  if (p.window_width != 3 || p.dilation_width != 1 || p.stride_width > 2) return false;
  call.scratch_bytes = mote_depthwise_planes_scratch_bytes(&p);
  return true;
}

}  // namespace mote
