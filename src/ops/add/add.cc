// The definition of Add (add.h). Tested by add_test.cc.
#include "ops/add/add.h"

#include <algorithm>

#include "ops/add/add_kernels.h"
#include "ops/broadcast.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/sum.h"

namespace mote {

Mapping add_tflite();  // add_tflite.cc

namespace {

// In binary64 throughout, unlike Sub.
SumFactors factors_of(const Lowering& lowering) {
  const double a = scale_of(lowering.input_type(0)), b = scale_of(lowering.input_type(1));
  const double output = scale_of(lowering.output_type());
  const double shared = 2.0 * std::max(a, b);
  return {a / shared, b / shared, shared / (sum_fixed_point(lowering) * output)};
}

void lower(const Op& op, Lowering& lowering) {
  lower_broadcast<mote_add_f32_params, mote_add_s8_params>(
      lowering, "add", as<ops::Add>(op).activation,
      [&](mote_add_s8_params& params) { set_sum(params, factors_of(lowering), lowering); });
}

}  // namespace

// The variants take rows of elements, none of which is broadcast.
bool prepare_add(Call& call, std::vector<Constant>&) {
  const auto p = params_of<mote_add_s8_params>(call);
  const auto whole = [&](int32_t width_step, int32_t channel_step) {
    return (p.channels == 1 || channel_step == 1) && (p.width == 1 || width_step == p.channels);
  };
  return p.rounding == MOTE_ROUNDING_DOUBLE && whole(p.a_width_step, p.a_channel_step) &&
         whole(p.b_width_step, p.b_channel_step);
}

template <>
const OpDef& definition<ops::Add>() {
  static const OpDef def = broadcast_def<ops::Add>("Add", lower, least_sum_scale, add_tflite());
  return def;
}

}  // namespace mote
