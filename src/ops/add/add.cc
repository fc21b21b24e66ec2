// The definition of Add (add.h). Tested by add_test.cc.
#include "ops/add/add.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/add/add_kernels.h"
#include "ops/broadcast.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/arithmetic/multiplier.h"

namespace mote {
namespace {

void set_rescaling(mote_add_s8_params& params, const Lowering& lowering) {
  const float a = scale_of(lowering.input_type(0)), b = scale_of(lowering.input_type(1));
  const double shared = 2.0 * static_cast<double>(std::max(a, b));
  const bool wide = lowering.output_type().dtype == DType::int16;
  const double fixed_point = 1 << (wide ? MOTE_ADD_S16_LEFT_SHIFT : MOTE_ADD_S8_LEFT_SHIFT);
  const double rescale =
      shared / (fixed_point * static_cast<double>(scale_of(lowering.output_type())));
  if (!(rescale < 1.0))
    throw Error(ErrorKind::unsupported,
                fmt::format("output scale {} is too small for inputs of scale {} and {}",
                            scale_of(lowering.output_type()), a, b),
                describe(lowering.node));
  const mote_multiplier of_a = mote_quantize_multiplier(static_cast<double>(a) / shared);
  const mote_multiplier of_b = mote_quantize_multiplier(static_cast<double>(b) / shared);
  const mote_multiplier of_output = mote_quantize_multiplier(rescale);
  params.a_zero_point = zero_point_of(lowering.input_type(0));
  params.a_multiplier = of_a.multiplier;
  params.a_shift = of_a.shift;
  params.b_zero_point = zero_point_of(lowering.input_type(1));
  params.b_multiplier = of_b.multiplier;
  params.b_shift = of_b.shift;
  params.output_zero_point = zero_point_of(lowering.output_type());
  params.output_multiplier = of_output.multiplier;
  params.output_shift = of_output.shift;
  params.rounding = lowering.rounding;
}

void lower(const Op& op, Lowering& lowering) {
  const TensorType& output = lowering.output_type();
  const std::vector<Operand> operands = broadcast_operands(lowering);
  const Activation activation = as<ops::Add>(op).activation;
  if (output.dtype == DType::float32) {
    auto params = broadcast_params<mote_add_f32_params>(lowering);
    const RealRange range = activation_range(activation);
    params.activation_min = range.min;
    params.activation_max = range.max;
    lowering.call("add_f32", params, operands);
  } else {
    auto params = broadcast_params<mote_add_s8_params>(lowering);
    set_rescaling(params, lowering);
    const Range range = activation_range(activation, output);
    params.activation_min = range.min;
    params.activation_max = range.max;
    lowering.call("add" + kernel_suffix(lowering), params, operands);
  }
}

}  // namespace

// The vector variants take rows of elements, none of which is broadcast.
bool prepare_add_s8(Call& call, std::vector<Constant>&) {
  const auto p = params_of<mote_add_s8_params>(call);
  const auto whole = [&](int32_t width_step, int32_t channel_step) {
    return (p.channels == 1 || channel_step == 1) && (p.width == 1 || width_step == p.channels);
  };
  return p.rounding == MOTE_ROUNDING_DOUBLE && whole(p.a_width_step, p.a_channel_step) &&
         whole(p.b_width_step, p.b_channel_step);
}

template <>
const OpDef& definition<ops::Add>() {
  static const OpDef def = {
      .name = "Add",
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer_broadcast,
      .check_quantized = check_quantized_pair,
      .cost = no_cost,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}, {}}};
      },
      .activation = activation_of<ops::Add>,
      .in_place_inputs = {0, 1},
      .lower = lower,
      .tflite_names = {"ADD"},
      .import_tflite = import_tflite<ops::Add>,
      .export_tflite = export_tflite<ops::Add>,
  };
  return def;
}

}  // namespace mote
