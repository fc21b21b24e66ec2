// Fake quantization in libtorch: forwards what integers would be, backwards the straight-through
// estimator, with scales learned by LSQ (1902.08153). Only network.cc uses it. Tested by
// fake_quantization_test.cc.
#pragma once

#include "ops/torch_twin.h"

namespace mote::autograd {

struct Steps {
  Range range;             // of the integers
  int32_t zero_point = 0;  // of all channels
  int64_t channels = 1;    // as many as there are scales
  int64_t inner = 1;       // element i has the scale of channel i / inner % channels
  // Of sums that a kernel rescales to the steps, by channel, the last dimension: the steps of the
  // sum over those here. Empty: the numbers are rounded at once.
  std::vector<float> factors = {};
};

// scale * (clamp(round(x / scale) + zero_point) - zero_point), float32 and contiguous, as
// mote_fake_quantize_f32 has it, or mote_fake_requantize_f32 where there are factors. With v = x /
// scale, and Qn, Qp the ends of the range less the zero point: d/dx is 1 where Qn <= v <= Qp, else
// 0. d/dscale is round(v) - v there and Qn or Qp outside, summed over the channel and times 1 /
// sqrt(count * Q), where count are the elements of `each` and the channel, and Q is the larger of
// |Qn| and |Qp|.
torch::Tensor fake_quantize(const torch::Tensor& x, const torch::Tensor& scale, const Steps& steps,
                            int64_t each);

}  // namespace mote::autograd
