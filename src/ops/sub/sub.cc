// The definition of Sub (sub.h). Tested by sub_test.cc.
#include "ops/sub/sub.h"

#include <algorithm>

#include "ops/broadcast.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/sub/sub_kernels.h"
#include "ops/sum.h"

namespace mote {

Mapping sub_tflite();  // sub_tflite.cc

namespace {

// In binary32 throughout, widened last, unlike Add: TFLite's derivation, whose multipliers differ
// in their last bits.
SumFactors factors_of(const Lowering& lowering) {
  const float a = scale_of(lowering.input_type(0)), b = scale_of(lowering.input_type(1));
  const float shared = 2.0f * std::max(a, b);
  const float finest = sum_fixed_point(lowering) * scale_of(lowering.output_type());
  return {a / shared, b / shared, shared / finest};
}

void lower(const Op& op, Lowering& lowering) {
  lower_broadcast<mote_sub_f32_params, mote_sub_s8_params>(
      lowering, "sub", as<ops::Sub>(op).activation,
      [&](mote_sub_s8_params& params) { set_sum(params, factors_of(lowering), lowering); });
}

}  // namespace

template <>
const OpDef& definition<ops::Sub>() {
  static const OpDef def = broadcast_def<ops::Sub>("Sub", lower, least_sum_scale, sub_tflite());
  return def;
}

}  // namespace mote
