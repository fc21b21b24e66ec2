// The definition of Pad (pad.h). Tested by pad_test.cc.
#include "ops/pad/pad.h"

#include <fmt/format.h>

#include <limits>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/pad/pad_kernels.h"
#include "ops/requantization.h"
#include "runtime/arithmetic/affine.h"

namespace mote {

Mapping pad_tflite();  // pad_tflite.cc

namespace {

TensorType infer(const Op& op, Types inputs) {
  const auto& pad = as<ops::Pad>(op);
  const Shape& input = inputs[0].shape;
  const size_t rank = input.size();
  const bool has_all = pad.before.size() == rank && pad.after.size() == rank;
  if (rank < 1 || rank > 4 || !has_all)
    throw Error(has_all ? ErrorKind::unsupported : ErrorKind::invalid_input,
                fmt::format("pads {} by {} before and {} after; ranks 1 to 4 do", to_string(input),
                            to_string(pad.before), to_string(pad.after)));
  Shape output(rank);
  for (size_t d = 0; d < rank; d++) {
    const int64_t size = int64_t{pad.before[d]} + input[d] + pad.after[d];
    if (pad.before[d] < 0 || pad.after[d] < 0 || size > std::numeric_limits<int32_t>::max())
      throw Error(ErrorKind::invalid_input,
                  fmt::format("pads {} by {} before and {} after", to_string(input),
                              to_string(pad.before), to_string(pad.after)));
    output[d] = static_cast<int32_t>(size);
  }
  return {inputs[0].dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

// The entries of `before` as [N, H, W, C], under the convention of extent_of.
Extent before_of(const std::vector<int32_t>& before) {
  switch (before.size()) {
    case 1:
      return {0, 0, 0, before[0]};
    case 2:
      return {before[0], 0, 0, before[1]};
    case 3:
      return {before[0], before[1], 0, before[2]};
    default:
      return {before[0], before[1], before[2], before[3]};
  }
}

template <class Params, class Number>
void lower_as(const std::string& kernel, const ops::Pad& pad, Number value, Lowering& lowering) {
  const Extent input = extent_of(lowering.input_type(0).shape);
  const Extent output = extent_of(lowering.output_type().shape);
  const Extent before = before_of(pad.before);
  const Params params = {.input_batch = input.images,
                         .input_height = input.height,
                         .input_width = input.width,
                         .input_channels = input.channels,
                         .output_batch = output.images,
                         .output_width = output.width,
                         .output_channels = output.channels,
                         .before_image = before.images,
                         .before_row = before.height,
                         .before_column = before.width,
                         .before_channel = before.channels,
                         .value = value};
  lowering.call(kernel, params, unary_operands(lowering));
}

void lower(const Op& op, Lowering& lowering) {
  const auto& pad = as<ops::Pad>(op);
  const TensorType& type = lowering.output_type();
  if (type.dtype == DType::float32) {
    lower_as<mote_pad_f32_params>("pad_f32", pad, pad.value, lowering);
  } else {
    const Range range = integer_range(type.dtype);
    const int32_t value =
        mote_quantize_f32(pad.value, scale_of(type), zero_point_of(type), range.min, range.max);
    lower_as<mote_pad_s8_params>("pad" + kernel_suffix(lowering), pad, value, lowering);
  }
}

Channels channels(const Op& op, Types, Types, Edge) {
  return moved_channels(-as<ops::Pad>(op).before.back(), 1);
}

void keep_channels(Op& op, Types, const KeptOfNode& kept) {
  auto& pad = as<ops::Pad>(op);
  const KeptChannels& output = kept.outputs[0];
  const auto border = static_cast<int32_t>(output.size()) - pad.after.back();
  pad.after.back() = count_kept(output) - count_kept(output, border);
  pad.before.back() = count_kept(output, pad.before.back());
}

}  // namespace

template <>
const OpDef& definition<ops::Pad>() {
  static const OpDef def = {
      .name = "Pad",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = channels,
      .keep_channels = keep_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .lower = lower,
      .mappings = {{Format::tflite, pad_tflite()}},
  };
  return def;
}

}  // namespace mote
