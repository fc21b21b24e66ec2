// What the kernels of Conv2D by pairs need beside the reference. Tested by
// tests/differential/rows_test.cc.
#include <algorithm>
#include <optional>

#include "ops/kernel.h"
#include "runtime/arithmetic/requantize.h"

extern "C" {
#include "ops/conv2d/conv2d_dsp.h"
}

namespace mote {

namespace {

// So many pixels make it little what widening the weights takes: as many instructions as one and a
// half pixels.
constexpr int32_t kPixels = 32;

// Nothing where they cannot serve the call.
std::optional<mote_conv2d_s8_dsp_params> params_by_pairs(const Call& call) {
  const auto reference = params_of<mote_conv2d_s8_params>(call);
  if (reference.rounding != MOTE_ROUNDING_DOUBLE) return std::nullopt;
  const int32_t height = call.operands.back().type.shape[1];
  mote_conv2d_s8_dsp_params p;
#define MOTE_COPY_FIELD(type, name) p.name = reference.name;
  MOTE_FIELDS_OF_conv2d_s8(MOTE_COPY_FIELD)
#undef MOTE_COPY_FIELD
      p.rows = std::min((kPixels + p.output_width - 1) / p.output_width, height);
  return p;
}

}  // namespace

bool conv2d_by_pairs(Call& call, std::vector<Constant>&) {
  const auto p = params_by_pairs(call);
  if (!p) return false;
  call.params = make_params(*p);
  call.scratch_bytes = mote_conv2d_dsp_scratch_bytes(&*p);
  return true;
}

bool conv2d_sparse_by_pairs(Call& call, std::vector<Constant>&) {
  const auto p = params_by_pairs(call);
  if (!p || (p->group_inputs != p->input_channels && p->group_inputs % 2 != 0)) return false;
  call.params = make_params(*p);
  call.scratch_bytes = mote_conv2d_planes_scratch_bytes(&*p);
  return true;
}

}  // namespace mote
