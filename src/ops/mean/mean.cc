// The definition of Mean (mean.h). Tested by mean_test.cc.
#include "ops/mean/mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/mean/mean_kernels.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/view.h"

namespace mote {

Mapping mean_tflite();  // mean_tflite.cc

namespace {

bool goes(const ops::Mean& mean, size_t dimension) {
  return std::ranges::binary_search(mean.axes, static_cast<int32_t>(dimension));
}

// The input's shape with 1 for what goes.
Shape kept_shape(const ops::Mean& mean, Shape shape) {
  for (const int32_t axis : mean.axes) shape[static_cast<size_t>(axis)] = 1;
  return shape;
}

TensorType infer(const Op& op, Types inputs) {
  const auto& mean = as<ops::Mean>(op);
  const Shape& input = inputs[0].shape;
  const bool ascending = std::ranges::adjacent_find(mean.axes, std::greater_equal<>()) ==  //
                         mean.axes.end();
  if (mean.axes.empty() || !ascending || mean.axes.front() < 0 ||
      mean.axes.back() >= std::ssize(input))
    throw Error(ErrorKind::invalid_input, fmt::format("a mean of {} over dimensions {}",
                                                      to_string(input), to_string(mean.axes)));
  Shape output;
  for (size_t d = 0; d < input.size(); d++) {
    if (!goes(mean, d)) output.push_back(input[d]);
    if (goes(mean, d) && mean.keep_dims) output.push_back(1);
  }
  return {inputs[0].dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
}

Channels channels(const Op& op, Types inputs, Types, Edge) {
  const size_t rank = inputs[0].shape.size();
  return goes(as<ops::Mean>(op), rank - 1) ? grouped_channels(1) : moved_channels(0, 1);
}

// Both tensors as the kernels see them: of rank 4 at most, the output's dimensions the input's
// or 1.
struct Views {
  Shape input;
  Shape output;
};

Views views_of(const ops::Mean& mean, const Lowering& lowering) {
  const Shape& input = lowering.input_type(0).shape;
  const Views whole{input, kept_shape(mean, input)};
  if (input.size() <= 4) return whole;
  const auto alike = [&](size_t a, size_t b) { return goes(mean, a) == goes(mean, b); };
  const std::vector<size_t> counts = joined_dimensions(input.size(), alike);
  if (counts.size() > 4)
    throw Error(ErrorKind::unsupported,
                fmt::format("a mean of {} over dimensions {}: too many pieces", to_string(input),
                            to_string(mean.axes)),
                describe(lowering.node));
  return {joined(whole.input, counts), joined(whole.output, counts)};
}

template <class Params>
Params geometry(const Views& views) {
  const Extent input = extent_of(views.input), output = extent_of(views.output);
  Params params{};
  params.batch = output.images;
  params.width = output.width;
  params.channels = output.channels;
  params.input_channels = input.channels;
  params.window_images = input.images / output.images;
  params.window_height = input.height / output.height;
  params.window_width = input.width / output.width;
  params.window_channels = input.channels / output.channels;
  return params;
}

// As TFLite: the division by `count` goes into the multiplier, with as many bits as that keeps.
mote_multiplier dividing_multiplier(double rescale, int64_t count) {
  mote_multiplier m = mote_quantize_multiplier(rescale);
  const auto floor_log2 = static_cast<int32_t>(std::bit_width(static_cast<uint64_t>(count))) - 1;
  const int32_t bits = std::min({floor_log2, 32, 31 + m.shift});
  m.multiplier = static_cast<int32_t>((int64_t{m.multiplier} << bits) / count);
  m.shift -= bits;
  return m;
}

template <class Params>
void set_rescaling(Params& params, const Lowering& lowering, int64_t count) {
  const TensorType &input = lowering.input_type(0), &output = lowering.output_type();
  const double rescale =
      static_cast<double>(scale_of(input)) / static_cast<double>(scale_of(output));
  const mote_multiplier m = dividing_multiplier(rescale, count);
  const Range range = integer_range(input.dtype);
  const int32_t zero_point = zero_point_of(input);
  // The sum, and the sum from the zero point, raised by the shift.
  const int64_t largest = std::max(
      {int64_t{range.max} - zero_point, int64_t{zero_point} - range.min, -int64_t{range.min}});
  if (count > std::numeric_limits<int32_t>::max() / largest ||
      (count * largest) << std::max(m.shift, 0) > std::numeric_limits<int32_t>::max() - 256)
    throw Error(ErrorKind::unsupported, fmt::format("sums up {} elements, beyond 32 bits", count),
                describe(lowering.node));
  params.zero_point_sum = static_cast<int32_t>(count * zero_point);
  params.output_zero_point = zero_point_of(output);
  params.multiplier = m.multiplier;
  params.shift = m.shift;
  params.rounding = lowering.rounding;
}

void lower(const Op& op, Lowering& lowering) {
  const Views views = views_of(as<ops::Mean>(op), lowering);
  const std::vector<Operand> operands =
      in_places({{MOTE_UNARY_INPUT, viewed(lowering.input(0), views.input)},
                 {MOTE_UNARY_OUTPUT, viewed(lowering.output(), views.output)}});
  const int64_t count = element_count(views.input) / element_count(views.output);
  if (lowering.output_type().dtype == DType::float32) {
    lowering.call("mean_f32", geometry<mote_mean_f32_params>(views), operands);
  } else {
    auto params = geometry<mote_mean_s8_params>(views);
    const std::string kernel = "mean" + kernel_suffix(lowering);
    set_rescaling(params, lowering, count);
    lowering.call(kernel, params, operands);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Mean>() {
  static const OpDef def = {
      .name = "Mean",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule { return {.inputs = {{}}}; },
      // The multiplier of the sum is at most 4 times that of an element, for as many elements.
      .least_output_scale = [](const Op&, const Lowering& lowering) -> double {
        return least_rescaled_scale(4.0, lowering);
      },
      .lower = lower,
      .mappings = {{Format::tflite, mean_tflite()}},
  };
  return def;
}

}  // namespace mote
