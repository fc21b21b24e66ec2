// The definition of Mul (mul.h). Tested by mul_test.cc.
#include "ops/mul/mul.h"

#include <cmath>

#include "base/error.h"
#include "ops/broadcast.h"
#include "ops/lowering.h"
#include "ops/mul/mul_kernels.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/arithmetic/multiplier.h"

namespace mote {

Mapping mul_tflite();  // mul_tflite.cc

namespace {

double product_of_scales(const Lowering& lowering) {
  return static_cast<double>(scale_of(lowering.input_type(0))) *
         static_cast<double>(scale_of(lowering.input_type(1)));
}

int32_t largest_shift(const Lowering& lowering) {
  return lowering.output_type().dtype == DType::int16 ? MOTE_MUL_S16_MAX_SHIFT
                                                      : MOTE_MUL_S8_MAX_SHIFT;
}

// A factor below 2^shift has that shift or less; as much again for rounding.
double least_output_scale(const Op&, const Lowering& lowering) {
  return 2 * product_of_scales(lowering) / std::ldexp(1.0, largest_shift(lowering));
}

void set_rescaling(mote_mul_s8_params& params, const Lowering& lowering) {
  const double product = product_of_scales(lowering);
  const mote_multiplier rescale =
      mote_quantize_multiplier(product / static_cast<double>(scale_of(lowering.output_type())));
  if (rescale.shift > largest_shift(lowering))
    throw Error(ErrorKind::unsupported,
                "the output's scale is too small for a product of its inputs",
                describe(lowering.node));
  params.a_zero_point = zero_point_of(lowering.input_type(0));
  params.b_zero_point = zero_point_of(lowering.input_type(1));
  params.output_zero_point = zero_point_of(lowering.output_type());
  params.multiplier = rescale.multiplier;
  params.shift = rescale.shift;
  params.rounding = lowering.rounding;
}

void lower(const Op& op, Lowering& lowering) {
  lower_broadcast<mote_mul_f32_params, mote_mul_s8_params>(
      lowering, "mul", as<ops::Mul>(op).activation,
      [&](mote_mul_s8_params& params) { set_rescaling(params, lowering); });
}

}  // namespace

template <>
const OpDef& definition<ops::Mul>() {
  static const OpDef def = broadcast_def<ops::Mul>("Mul", lower, least_output_scale, mul_tflite());
  return def;
}

}  // namespace mote
