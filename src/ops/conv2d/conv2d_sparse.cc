// Which calls the sparse variants of Conv2D serve. Tested by tests/differential/rows_test.cc.
#include "ops/kernel.h"
#include "ops/sparse.h"

extern "C" {
#include "ops/conv2d/conv2d_kernels.h"
}

namespace mote {

namespace {

template <class Params>
bool runs(Call& call, std::vector<Constant>& constants) {
  const auto p = params_of<Params>(call);
  if (p.group_inputs != p.input_channels || p.dilation_width != 1) return false;
  return set_run(p.window_width * p.group_inputs, call, constants);
}

}  // namespace

// The weights of one row of the window meet neighbouring inputs where no other group's lie between.
bool conv2d_runs(Call& call, std::vector<Constant>& constants) {
  if (call.kernel == "conv2d_s8") return runs<mote_conv2d_s8_params>(call, constants);
  if (call.kernel == "conv2d_s16") return runs<mote_conv2d_s16_params>(call, constants);
  return runs<mote_conv2d_f32_params>(call, constants);
}

}  // namespace mote
