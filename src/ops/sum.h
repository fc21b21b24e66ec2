// What the lowerings of Add and Sub share: runtime/sum.h's parameters of an integer kernel. Tested
// by the operators' tests (add_test.cc, sub_test.cc).
#pragma once

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/sum.h"

namespace mote {

// 2^20 for int8 outputs, 2^15 for int16: how much finer the terms' shared fixed point is than twice
// the larger scale.
inline float sum_fixed_point(const Lowering& lowering) {
  const bool wide = lowering.output_type().dtype == DType::int16;
  return static_cast<float>(1 << (wide ? MOTE_SUM_S16_LEFT_SHIFT : MOTE_SUM_S8_LEFT_SHIFT));
}

// The factors that take each term to the fixed point, and the result to the output. Add and Sub
// derive them in different precisions.
struct SumFactors {
  double a;
  double b;
  double output;
};

// OpDef::least_output_scale: twice what set_sum asks for, since Add and Sub round differently.
inline double least_sum_scale(const Op&, const Lowering& lowering) {
  const double a = scale_of(lowering.input_type(0)), b = scale_of(lowering.input_type(1));
  return 2 * (2 * std::max(a, b)) / sum_fixed_point(lowering);
}

// Throws Error{unsupported} where the output's scale is too small for the fixed point.
template <class Params>
void set_sum(Params& params, const SumFactors& factors, const Lowering& lowering) {
  const TensorType &a = lowering.input_type(0), &b = lowering.input_type(1);
  const TensorType& output = lowering.output_type();
  if (!(factors.output < 1.0))
    throw Error(ErrorKind::unsupported,
                fmt::format("output scale {} is too small for inputs of scale {} and {}",
                            scale_of(output), scale_of(a), scale_of(b)),
                describe(lowering.node));
  const mote_multiplier of_a = mote_quantize_multiplier(factors.a);
  const mote_multiplier of_b = mote_quantize_multiplier(factors.b);
  const mote_multiplier of_output = mote_quantize_multiplier(factors.output);
  params.a_zero_point = zero_point_of(a);
  params.a_multiplier = of_a.multiplier;
  params.a_shift = of_a.shift;
  params.b_zero_point = zero_point_of(b);
  params.b_multiplier = of_b.multiplier;
  params.b_shift = of_b.shift;
  params.output_zero_point = zero_point_of(output);
  params.output_multiplier = of_output.multiplier;
  params.output_shift = of_output.shift;
  params.rounding = lowering.rounding;
}

}  // namespace mote
