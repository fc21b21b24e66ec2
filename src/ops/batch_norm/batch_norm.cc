// The definition of BatchNorm (batch_norm.h). Tested by batch_norm_test.cc.
#include "ops/batch_norm/batch_norm.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "ops/batch_norm/batch_norm_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"

namespace mote {
namespace {

TensorType infer(const Op&, Types inputs) {
  const TensorType& input = inputs[0];
  if (input.dtype != DType::float32 || input.shape.empty())
    throw Error(ErrorKind::invalid_input, fmt::format("normalizes {}", to_string(input)));
  const Shape channels = {input.shape.back()};
  for (const TensorType& parameter : inputs.subspan(1))
    if (parameter.dtype != DType::float32 || parameter.shape != channels)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("gamma, beta, mean or variance is {} for an input {}",
                              to_string(parameter), to_string(input)));
  return {DType::float32, input.shape, {}};
}

Cost cost(const Op&, Types, const TensorType& output) {
  return {.parameters = 2 * int64_t{output.shape.back()}};  // gamma and beta
}

void lower(const Op& op, Lowering& lowering) {
  for (size_t i = 1; i < 5; i++)
    if (!lowering.input_value(i).constant())
      throw Error(ErrorKind::unsupported,
                  fmt::format("'{}' is no constant", lowering.input_value(i).name),
                  describe(lowering.node));
  const auto parameter = [&](size_t i) { return float_data(lowering.input_value(i)); };
  const std::vector<float> gamma = parameter(1), beta = parameter(2), mean = parameter(3),
                           variance = parameter(4);
  std::vector<float> scale(gamma.size()), offset(gamma.size());
  for (size_t c = 0; c < gamma.size(); c++) {
    const double factor =
        gamma[c] / std::sqrt(static_cast<double>(variance[c]) + as<ops::BatchNorm>(op).epsilon);
    scale[c] = static_cast<float>(factor);
    offset[c] = static_cast<float>(beta[c] - mean[c] * factor);
  }
  const Extent extent = extent_of(lowering.output_type().shape);
  const TensorType type = {DType::float32, {extent.channels}, {}};
  const mote_batch_norm_f32_params params = {
      .batch = extent.images, .width = extent.width, .channels = extent.channels};
  lowering.call(
      "batch_norm_f32", params,
      in_places(
          {{MOTE_BATCH_NORM_INPUT, lowering.input(0)},
           {MOTE_BATCH_NORM_SCALE, lowering.constant("scale", type, to_bytes<float>(scale))},
           {MOTE_BATCH_NORM_OFFSET, lowering.constant("offset", type, to_bytes<float>(offset))},
           {MOTE_BATCH_NORM_OUTPUT, lowering.output()}}));
}

Channels channels(const Op&, Types, Types, Edge edge) {
  return edge.input == 0 ? moved_channels(0, 1) : parameter_channels(0);
}

}  // namespace

template <>
const OpDef& definition<ops::BatchNorm>() {
  static const OpDef def = {
      .name = "BatchNorm",
      .min_inputs = 5,
      .max_inputs = 5,
      .infer = one_output<infer>,
      .cost = one_output<cost>,
      .channels = channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        const InputRule parameter = {.role = Role::parameter};
        return {.stays_float = true, .inputs = {{}, parameter, parameter, parameter, parameter}};
      },
      .trainable_inputs = {1, 2},
      .in_place_inputs = {0},
      .lower = lower,
  };
  return def;
}

}  // namespace mote
